"""Query parameters as callers give them, written as query text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias

from antiphon.models.url_encoding import encode_query, encode_value

if TYPE_CHECKING:
    from antiphon.errors import InvalidURLError

ParamValue: TypeAlias = str | int | float | bool | None
"""One value of a query parameter."""
Params: TypeAlias = (
    Mapping[str, ParamValue | Sequence[ParamValue]]
    | Sequence[tuple[str, ParamValue | Sequence[ParamValue]]]
    | str
)
"""What `params=` takes: a mapping, `(name, value)` pairs, or query text."""


def encode_params(params: Params) -> str:
    """Return `params` as query text, without a leading `?`.

    Names and values are escaped except for unreserved characters, a space as `%20`, which every
    server reads (RFC 3986, section 2.3). A sequence repeats its name, True and False are `true`
    and `false`, None leaves the parameter out. Text is taken as a query and only normalised.
    Raises `InvalidURLError` for a value of another type, for NaN and the infinities, and for text
    that cannot be written as UTF-8.
    """
    try:
        if isinstance(params, str):
            return encode_query(params.removeprefix("?"))
        written: list[str] = []
        for name, value in _pairs(params):
            encoded = encode_value(name)
            if isinstance(value, str):
                written.append(encoded + "=" + encode_value(value))
            elif isinstance(value, Sequence) and not isinstance(value, (bytes, bytearray)):
                kept = [encode_value(_text(name, one)) for one in value if one is not None]
                written += [encoded + "=" + one for one in kept]
            elif value is not None:
                written.append(encoded + "=" + encode_value(_text(name, value)))
    except UnicodeEncodeError:
        raise _refused("params holds a lone surrogate, which UTF-8 cannot write") from None
    return "&".join(written)


def _pairs(params: object) -> Iterator[tuple[str, object]]:
    if isinstance(params, Mapping):
        pairs: Iterable[object] = params.items()
    elif isinstance(params, Iterable):
        pairs = params
    else:
        raise _refused(
            f"params is of type {type(params).__name__};"
            " give a mapping, (name, value) pairs or a str"
        )
    for pair in pairs:
        if not isinstance(pair, (tuple, list)) or len(pair) != 2:
            raise _refused("an item of params is not a (name, value) pair")
        if not isinstance(pair[0], str):
            raise _refused(f"a name in params is of type {type(pair[0]).__name__}, not str")
        yield pair[0], pair[1]


def _text(name: str, value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return int.__repr__(value)
    if isinstance(value, float):
        if value - value != 0:
            raise _refused(f"params[{name!r}] is {value}, which cannot be sent as a number")
        return float.__repr__(value)
    raise _refused(
        f"params[{name!r}] is of type {type(value).__name__};"
        " give a str, int, float, bool, None or a list of them"
    )


def _refused(message: str) -> InvalidURLError:
    from antiphon.errors import InvalidURLError

    return InvalidURLError(message)
