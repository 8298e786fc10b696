"""Domains under which anybody may register a name, and which so may not own a cookie."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    class _SuffixList(Protocol):
        def is_public(self, domain: str) -> bool: ...


def is_public_suffix(domain: str) -> bool:
    """Tell whether `domain` (lower case, A-labels) is a public suffix, such as `co.uk`.

    A name of one label ("com", "localhost") always is. For longer ones the Public Suffix List is
    asked, private section included ("github.io"), where the package `publicsuffixlist` (extra
    `psl`) is installed; without it they are taken for ordinary domains. The package is looked for
    when the first such cookie comes.
    """
    if "." not in domain.strip("."):
        return True
    known = _listed()
    return known is not None and known(domain)


@cache
def _listed() -> Callable[[str], bool] | None:
    try:
        module = import_module("publicsuffixlist")
    except ImportError:
        return None
    suffixes: _SuffixList = module.PublicSuffixList()
    return suffixes.is_public
