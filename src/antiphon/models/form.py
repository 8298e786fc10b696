"""Form fields, and the body application/x-www-form-urlencoded that they make."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

from antiphon.models.body import BytesBody, refused_body, utf8

FieldValue: TypeAlias = "str | bytes | int | float | bool | None"
"""The value of one form field."""
_Values: TypeAlias = "FieldValue | Sequence[FieldValue]"
_Pair: TypeAlias = "tuple[str, _Values]"
# Not Iterable, which a dict is too: type checkers would not infer the values of a literal one.
FormInput: TypeAlias = "Mapping[str, _Values] | Sequence[_Pair] | Iterator[_Pair]"
"""What `data=` takes."""


def form_body(data: FormInput) -> BytesBody:
    """Encode form fields as browsers do: UTF-8, percent-encoded, a space as `+`.

    Raises `InvalidBodyError` for what `form_fields` refuses.
    """
    from urllib.parse import quote_plus

    encoded = [f"{quote_plus(name)}={quote_plus(value)}" for name, value in form_fields(data)]
    return BytesBody("&".join(encoded).encode("ascii"), "application/x-www-form-urlencoded")


def form_fields(data: object) -> list[tuple[bytes, bytes]]:
    """Return the fields, one for each item of a list; None leaves a field out.

    Numbers are sent as Python writes them, truth values as `true` and `false`. Raises
    `InvalidBodyError` naming the field for other types.
    """
    fields: list[tuple[bytes, bytes]] = []
    for name, value in named_values(data, "data", "content="):
        encoded_name = utf8(name, "the name of a field in data")
        argument = f"data[{name!r}]"
        values: Sequence[object] = value if isinstance(value, (list, tuple)) else (value,)
        fields += [
            (encoded_name, _field_value(item, argument)) for item in values if item is not None
        ]
    return fields


def _field_value(value: object, argument: str) -> bytes:
    if isinstance(value, str):
        return utf8(value, argument)
    if isinstance(value, bytes):
        return value
    if isinstance(value, bool):
        return b"true" if value else b"false"
    if isinstance(value, (int, float)):
        return str(value).encode("ascii")
    hint = "files=" if hasattr(value, "read") else "str(...), or json= to send structured values"
    raise refused_body(
        f"{argument} is of type {type(value).__name__}; "
        f"a form field is str, bytes, a number or a list of them: pass {hint}"
    )


def named_values(source: object, argument: str, instead: str) -> list[tuple[str, object]]:
    """Return the items of a mapping or of an iterable of pairs, with names checked to be str."""
    if isinstance(source, Mapping):
        items: Iterable[object] = source.items()
    elif (
        isinstance(source, (str, bytes, bytearray, memoryview))
        or hasattr(source, "read")
        or not isinstance(source, Iterable)
    ):
        raise refused_body(
            f"{argument} is of type {type(source).__name__}; pass a mapping or pairs of name "
            f"and value (raw bytes, text, files and streams go into {instead})"
        )
    else:
        items = source
    named: list[tuple[str, object]] = []
    for item in items:
        if not isinstance(item, (tuple, list)) or len(item) != 2:
            raise refused_body(
                f"{argument} has an item of type {type(item).__name__} that is not a pair; "
                "pass a mapping or pairs of name and value"
            )
        if not isinstance(item[0], str):
            raise refused_body(
                f"{argument} has a field name of type {type(item[0]).__name__}; names are str"
            )
        named.append((item[0], item[1]))
    return named
