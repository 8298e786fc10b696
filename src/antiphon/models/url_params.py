"""Query parameters as callers give them, written as query text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeAlias

from antiphon.models.url_encoding import encode_query, encode_value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from antiphon.errors import InvalidURLError

ParamValue: TypeAlias = "str | int | float | bool | None"
Params: TypeAlias = (
    "Mapping[str, ParamValue | Sequence[ParamValue]]"
    " | Iterable[tuple[str, ParamValue | Sequence[ParamValue]]] | str"
)
"""What `params=` takes: a mapping, pairs, or query text."""


def encode_params(params: Params) -> str:
    """Return `params` as query text, without a leading `?`.

    Names and values are escaped except for unreserved characters, a space as `%20`, which every
    server reads (RFC 3986, section 2.3). A list or tuple repeats its name, True and False are
    `true` and `false`, None leaves the parameter out. Text is taken as a query and only normalised.
    Raises `InvalidURLError` for a value of another type, for NaN and the infinities, and for text
    that cannot be written as UTF-8.
    """
    if isinstance(params, str):
        return _encoded("params", params.removeprefix("?"), encode_query)
    pairs = params.items() if isinstance(params, Mapping) else params
    written: list[str] = []
    try:
        for name, value in pairs:
            if not isinstance(name, str):
                raise _refused(f"a name of params is a {type(name).__name__}, not a str")
            if isinstance(value, (list, tuple)):
                for one in value:
                    _write(written, name, one)
            else:
                _write(written, name, value)
    except (TypeError, ValueError) as error:
        from antiphon.errors import InvalidURLError

        if isinstance(error, InvalidURLError):
            raise
        raise _refused(
            f"params is a {type(params).__name__}, not a mapping, (name, value) pairs or a str"
        ) from None
    return "&".join(written)


def _write(written: list[str], name: str, value: object) -> None:
    if isinstance(value, str):
        text = value
    elif value is None:
        return
    elif value is True:
        text = "true"
    elif value is False:
        text = "false"
    elif isinstance(value, (int, float)):
        text = str(value)
        if isinstance(value, float) and text in ("nan", "inf", "-inf"):
            raise _refused(f"params[{name!r}] is {text}, which is no number that can be sent")
    else:
        raise _refused(
            f"params[{name!r}] is a {type(value).__name__}; give a str, int, float, bool, None"
            " or a list of them"
        )
    where = f"params[{name!r}]"
    written.append(
        _encoded("a name of params", name, encode_value) + "=" + _encoded(where, text, encode_value)
    )


def _encoded(what: str, text: str, encode: Callable[[str], str]) -> str:
    try:
        return encode(text)
    except UnicodeEncodeError:
        raise _refused(f"{what} holds a lone surrogate, which UTF-8 cannot write") from None


def _refused(message: str) -> InvalidURLError:
    from antiphon.errors import InvalidURLError

    return InvalidURLError(message)
