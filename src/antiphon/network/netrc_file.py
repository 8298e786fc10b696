"""Reads the netrc file: who is who on which host."""

from __future__ import annotations

import os
import sys
from typing import TypeAlias

from antiphon.errors import InvalidOptionError

Entries: TypeAlias = "dict[str, tuple[str, str]]"

# What was read, with the file's time, size and number then. A program has one, rarely two.
_kept: dict[str, tuple[tuple[int, int, int], Entries]] = {}
_MOST_KEPT = 16


def netrc_entries(path: str | os.PathLike[str] | None) -> Entries:
    """Return (login, password) by host, "default" for all other hosts; read anew once it changes.

    Without `path` it is the file that the variable NETRC names, or `.netrc` (`_netrc` on Windows)
    in the home directory, and one that is not there is empty. Raises InvalidOptionError for a
    `path` that cannot be read, and for any file that is no netrc file; what is in it is not shown.
    """
    found = os.path.expanduser(os.environ.get("NETRC") or _default() if path is None else path)
    try:
        state = os.stat(found)
    except OSError as error:
        if path is None:
            return {}
        raise _unreadable(found, error) from error
    except ValueError as error:  # a NUL in it
        raise InvalidOptionError(f"NetrcAuth: {found!r} is no path: {error}") from None
    stamp = (state.st_mtime_ns, state.st_size, state.st_ino)
    kept = _kept.get(found)
    if kept is not None and kept[0] == stamp:
        return kept[1]
    entries = _read(found)
    if len(_kept) >= _MOST_KEPT:
        _kept.clear()
    _kept[found] = (stamp, entries)
    return entries


def _default() -> str:
    return "~/_netrc" if sys.platform == "win32" else "~/.netrc"


def _read(path: str) -> Entries:
    import netrc

    try:
        hosts = netrc.netrc(path).hosts
    except OSError as error:
        raise _unreadable(path, error) from error
    except netrc.NetrcParseError as error:
        # Its message quotes the file.
        raise InvalidOptionError(
            f"NetrcAuth: {path!r} is no netrc file, see its line {error.lineno}"
        ) from None
    except UnicodeDecodeError:
        raise InvalidOptionError(f"NetrcAuth: {path!r} is no netrc file: it is not UTF-8") from None
    # The case of a host does not matter, and URLs have it in lower case.
    return {
        host.lower(): (login or "", password or "") for host, (login, _, password) in hosts.items()
    }


def _unreadable(path: str, error: OSError) -> InvalidOptionError:
    return InvalidOptionError(f"NetrcAuth: {path!r} cannot be read: {error.strerror}")
