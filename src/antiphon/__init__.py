"""One HTTP client, two voices: `Client` for plain scripts, `AsyncClient` for asyncio and trio."""

# General layout, in the order in which a call travels:
#
# _async/client.py      settings + call -> Request -> pipeline -> Response
# _async/pipeline.py    folds the steps around the transport, in stage order
# _async/steps/         one short loop per policy; each asks its brain in policies/
# _async/transport.py   the seam: one method, any HTTP stack fits behind it
# _async/engine/        the default transport: pool, connection, HTTP/1.1
# network/              the doors: sockets, TLS and waiting, one file a voice, the only twins written by hand
# wire/                 protocols as bytes in, events out; no sockets
#
# models/ and errors.py are spoken everywhere: frozen values, no I/O, no clock, no flavour.
# policies/ are settings plus pure decisions.
# _sync/ is generated from _async/ by tools/unasync.py, line for line; never edit it.
#
# Imports run one way: errors, models <- policies, wire <- network <- _async <- cli.
# Every name below is imported at first use, so that `import antiphon` costs next to nothing.

from __future__ import annotations

from importlib import import_module

__version__ = "0.1.0"

# Public name -> the module that defines it.
_HOMES: dict[str, str] = {}

__all__ = ["__version__"]


def __getattr__(name: str) -> object:
    """Import the module that defines a public name, at its first use (PEP 562)."""
    home = _HOMES.get(name)
    if home is None:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    value: object = getattr(import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List every public name, imported or not."""
    return sorted({*globals(), *_HOMES})
