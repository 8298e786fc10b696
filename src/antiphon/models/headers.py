"""Header fields: ordered, case-insensitive, multi-valued and immutable (RFC 9110 section 5)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeAlias, overload

from antiphon.models.header_checks import checked_lines, checked_name, raw_pairs, refused_value
from antiphon.models.redaction import shown_header_value

if TYPE_CHECKING:
    from collections.abc import ItemsView, Iterable, Iterator, KeysView, Sequence, ValuesView
    from typing import TypeVar

    _T = TypeVar("_T")

# Not Iterable, which a dict is too: type checkers would not infer the values of a literal one.
_Line: TypeAlias = "tuple[str, str | Sequence[str]]"
_Lines: TypeAlias = "Mapping[str, str | Sequence[str]] | Sequence[_Line] | Iterator[_Line]"
HeadersInput: TypeAlias = "Headers | _Lines"
"""What `Headers` is made from."""
_Value: TypeAlias = "str | Sequence[str] | None"
_Change: TypeAlias = "tuple[str, _Value]"
HeaderChanges: TypeAlias = (
    "HeadersInput | Mapping[str, _Value] | Sequence[_Change] | Iterator[_Change]"
)
"""What `Headers.merged` takes: the same, and None drops a name."""

_Pairs: TypeAlias = "tuple[tuple[str, str], ...]"
_Index: TypeAlias = "dict[str, str | list[str]]"

_new = object.__new__


class Headers(Mapping[str, str]):
    """Header lines in the order in which they are sent or were received.

    Made from a mapping of names to one value or a sequence of values, from an iterable of
    `(name, value)` pairs, or from other headers. Names are found in any case, iteration gives
    each name once, as first written. `len()` counts lines, so a name sent twice counts twice.
    Nothing changes a `Headers`: `with_`, `with_added`, `without` and `merged` return a new one.

    Raises `InvalidHeaderError` for a name that is not a token (RFC 9110 section 5.6.2) and for a
    value with CR, LF, NUL, another control character or a character outside latin-1 (section 5.5).
    Spaces and tabs around a value are dropped.
    """

    __slots__ = ("_index", "_pairs", "_wire")

    _pairs: _Pairs
    _index: _Index | None
    _wire: bytes | None

    def __init__(self, source: HeadersInput | None = None) -> None:
        self._index = None
        self._wire = None
        if source is None:
            self._pairs = ()
        elif isinstance(source, Headers):
            self._pairs = source._pairs
        else:
            pairs, dropped = _checked_pairs(source)
            if dropped:
                raise refused_value(next(iter(dropped)), None)
            self._pairs = tuple(pairs)

    @classmethod
    def trusted(cls, pairs: tuple[tuple[str, str], ...], index: _Index | None = None) -> Headers:
        """Wrap pairs that are known to be valid, checking nothing.

        For codecs. Who has already grouped the values by lower-case name passes them as `index`:
        a string for one value, a list of strings for several.
        """
        self = _new(cls)
        self._pairs = pairs
        self._index = index
        self._wire = None
        return self

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """Every line as `(name, value)`, as written and in order."""
        return self._pairs

    @property
    def wire(self) -> bytes:
        r"""The lines as bytes, `Name: value\r\n` each, without the empty line that ends a head."""
        wire = self._wire
        if wire is None:
            lines = "".join([f"{name}: {value}\r\n" for name, value in self._pairs])
            wire = self._wire = lines.encode("latin-1")
        return wire

    def _build_index(self) -> _Index:
        index: _Index = {}
        for name, value in self._pairs:
            key = name.lower()
            if key in index:
                present = index[key]
                if type(present) is list:
                    present.append(value)
                else:
                    index[key] = [present, value]  # type: ignore[list-item]
            else:
                index[key] = value
        # Set last and whole: another thread sees no index or all of it.
        self._index = index
        return index

    def __getitem__(self, name: str) -> str:
        value = self.get(name)
        if value is None:
            raise KeyError(name)
        return value

    @overload
    def get(self, name: str, /) -> str | None: ...
    @overload
    def get(self, name: str, /, default: str) -> str: ...
    @overload
    def get(self, name: str, /, default: _T) -> str | _T: ...
    def get(self, name: str, /, default: object = None) -> object:
        """Return the value of `name`, several joined with `", "`, or `default` (RFC 9110 5.3).

        Lines of Set-Cookie do not join: read them with `get_list`.
        """
        index = self._index
        if index is None:
            index = self._build_index()
        value = index.get(name.lower())
        if value is None:
            return default
        if type(value) is list:
            return ", ".join(value)
        return value

    def has_any(self, lower_names: Iterable[str]) -> bool:
        """Whether a line has one of these names, which are given in lower case."""
        index = self._index
        if index is None:
            index = self._build_index()
        return not index.keys().isdisjoint(lower_names)

    def redacted(self) -> Headers:
        """Return the same lines with the values of secret ones hidden; itself if there are none."""
        pairs = tuple((name, shown_header_value(name, value)) for name, value in self._pairs)
        return self if pairs == self._pairs else Headers.trusted(pairs)

    def get_list(self, name: str) -> list[str]:
        """Return the value of each line named `name`, in order; an empty list if there is none."""
        index = self._index
        if index is None:
            index = self._build_index()
        value = index.get(name.lower())
        if value is None:
            return []
        return value.copy() if isinstance(value, list) else [value]

    def __contains__(self, name: object) -> bool:
        if not isinstance(name, str):
            return False
        index = self._index
        if index is None:
            index = self._build_index()
        return name.lower() in index

    def __len__(self) -> int:
        return len(self._pairs)

    def __iter__(self) -> Iterator[str]:
        return iter(self._joined())

    def _joined(self) -> dict[str, str]:
        """Map each name, as first written, to its joined value."""
        first_written: dict[str, str] = {}
        for name, _ in self._pairs:
            first_written.setdefault(name.lower(), name)
        return {name: self[lowered] for lowered, name in first_written.items()}

    def keys(self) -> KeysView[str]:
        """Return the names, each once and as first written."""
        return self._joined().keys()

    def values(self) -> ValuesView[str]:
        """Return the joined value of each name."""
        return self._joined().values()

    def items(self) -> ItemsView[str, str]:
        """Return each name, as first written, with its joined value. For every line see `pairs`."""
        return self._joined().items()

    def with_(self, name: str, value: str | Sequence[str]) -> Headers:
        """Return headers in which `name` has this value, or these, and no other.

        They stand where its first line stood, or at the end.
        """
        added = checked_lines(checked_name(name), value)
        key = name.lower()
        pairs: list[tuple[str, str]] = []
        placed = False
        for pair in self._pairs:
            if pair[0].lower() != key:
                pairs.append(pair)
            elif not placed:
                pairs += added
                placed = True
        if not placed:
            pairs += added
        return Headers.trusted(tuple(pairs))

    def with_added(self, name: str, value: str | Sequence[str]) -> Headers:
        """Return headers with one more line at the end, or one for each value."""
        return Headers.trusted((*self._pairs, *checked_lines(checked_name(name), value)))

    def without(self, *names: str) -> Headers:
        """Return headers without any line of these names; names that are absent do no harm."""
        dropped = {name.lower() for name in names}
        kept = tuple([pair for pair in self._pairs if pair[0].lower() not in dropped])
        return self if len(kept) == len(self._pairs) else Headers.trusted(kept)

    def merged(self, other: HeaderChanges | None) -> Headers:
        """Return these headers overridden by `other`.

        Each name in `other` replaces all our lines of that name, and its lines come after ours. A
        value of None only drops the name. With nothing to change the answer is `self`.
        """
        if not other:
            if other is not None:
                raw_pairs(other)  # refuses what is no headers at all, as 0 and ""
            return self
        if isinstance(other, Headers):
            if not self._pairs:
                return other
            added: Sequence[tuple[str, str]] = other._pairs
            replaced: set[str] = set()
        else:
            added, replaced = _checked_pairs(other)
            if not added and not replaced:
                return self
        replaced.update([name.lower() for name, _ in added])
        kept = [pair for pair in self._pairs if pair[0].lower() not in replaced]
        return Headers.trusted((*kept, *added))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Headers):
            return NotImplemented
        return self._pairs == other._pairs or self._folded() == other._folded()

    def __hash__(self) -> int:
        return hash(self._folded())

    def _folded(self) -> _Pairs:
        return tuple([(name.lower(), value) for name, value in self._pairs])

    def __reduce__(self) -> tuple[object, tuple[_Pairs]]:
        return (Headers.trusted, (self._pairs,))

    def __repr__(self) -> str:
        return (
            f"Headers({[(name, shown_header_value(name, value)) for name, value in self._pairs]!r})"
        )


def _checked_pairs(source: object) -> tuple[list[tuple[str, str]], set[str]]:
    """Return the valid lines of `source`, and the lower-case names whose value is None."""
    pairs: list[tuple[str, str]] = []
    dropped: set[str] = set()
    for raw_name, value in raw_pairs(source):
        name = checked_name(raw_name)
        if value is None:
            dropped.add(name.lower())
        else:
            pairs += checked_lines(name, value)
    return pairs, dropped


EMPTY_HEADERS = Headers.trusted(())
"""No header lines at all."""
