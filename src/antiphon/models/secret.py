"""A text that is used but never shown."""

from __future__ import annotations

from typing import NoReturn, Protocol

from antiphon.errors import InvalidOptionError, UsageError


class SupportsSecretValue(Protocol):
    """Our `Secret`, pydantic's `SecretStr`, and what else keeps a text behind this method."""

    def get_secret_value(self) -> str:
        """Return the text itself."""
        ...


class Secret:
    """Holds a text that `repr`, `str`, logs, errors and pickles do not show.

    Equal to a Secret of the same text, compared in constant time. A pickle carries no text: what
    comes out of it is a Secret whose `get_secret_value` raises UsageError. Raises
    InvalidOptionError for anything but a str.
    """

    __slots__ = ("__value",)

    __value: str | None

    def __init__(self, value: str) -> None:
        object.__setattr__(self, "_Secret__value", _text(value))

    def get_secret_value(self) -> str:
        """Return the text itself. Raises UsageError if this Secret came out of a pickle."""
        if self.__value is None:
            msg = (
                "this Secret came out of a pickle, which never holds the secret itself; "
                "make it again in this process"
            )
            raise UsageError(msg)
        return self.__value

    def __repr__(self) -> str:
        return "Secret('***')"

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if not isinstance(other, Secret):
            return NotImplemented
        if self.__value is None or other.__value is None:
            return False
        # Rarely asked, and the module brings hashlib along.
        from hmac import compare_digest

        return compare_digest(
            self.__value.encode("utf-8", "surrogatepass"),
            other.__value.encode("utf-8", "surrogatepass"),
        )

    def __hash__(self) -> int:
        return id(self) if self.__value is None else hash((Secret, self.__value))

    def __setattr__(self, name: str, value: object) -> NoReturn:
        msg = "a Secret does not change; make a new one"
        raise AttributeError(msg)

    def __delattr__(self, name: str) -> NoReturn:
        self.__setattr__(name, None)

    def __copy__(self) -> Secret:
        return self

    def __deepcopy__(self, memo: object) -> Secret:
        return self

    def __reduce__(self) -> tuple[object, ...]:
        return (_redacted, ())


def reveal(value: str | SupportsSecretValue) -> str:
    """Return the text of a str, a `Secret` or a pydantic `SecretStr`.

    Raises InvalidOptionError for anything else; the message names the type, never the value.
    """
    if isinstance(value, str):
        return value
    ask = getattr(value, "get_secret_value", None)
    return _text(ask() if callable(ask) else value)


def _text(value: object) -> str:
    if not isinstance(value, str):
        msg = f"expected a secret as str, Secret or SecretStr, got {type(value).__name__}"
        raise InvalidOptionError(msg)
    return value


def _redacted() -> Secret:
    """Make the Secret that a pickle leaves behind."""
    secret = Secret.__new__(Secret)
    object.__setattr__(secret, "_Secret__value", None)
    return secret
