"""One HTTP client, two voices: `Client` for plain scripts, `AsyncClient` for asyncio and trio."""

# General layout, in the order in which a call travels:
#
# _async/client.py      settings + call -> Request -> pipeline -> Response
# _async/pipeline.py    folds the steps around the transport, in stage order
# _async/steps/         one short loop per policy; each asks its brain in policies/
# _async/transport.py   the seam: one method, any HTTP stack fits behind it
# _async/engine/        the default transport: pool, connection, HTTP/1.1
# network/              the doors: sockets, TLS and waiting; the only twins written by hand
# wire/                 protocols: bytes in, events out, no sockets
#
# models/ and errors/ are spoken everywhere: values without I/O, clock or flavour.
# policies/ are settings and pure decisions.
# _sync/ is generated from _async/ by tools/unasync.py, line for line. Never edit it.
#
# Imports run one way: errors, models <- policies, wire <- network <- _async <- cli.
# Every name below is imported when it is first used, so `import antiphon` costs next to nothing.

from __future__ import annotations

from importlib import import_module

# Type checkers take it for typing.TYPE_CHECKING; importing typing for it would cost 5 ms.
TYPE_CHECKING = False

__version__ = "0.1.0"

__all__ = [
    "__version__",
]

# Where each public name lives. To add a name: here, in `__all__`, and below for type checkers;
# tests/test_public_api.py sees to it that the three agree.
_HOMES: dict[str, tuple[str, ...]] = {}

if TYPE_CHECKING:
    pass
else:
    _HOME_OF = {name: module for module, names in _HOMES.items() for name in names}
    _VERBS = ("get", "options", "head", "post", "put", "patch", "delete", "query", "request")

    def __getattr__(name: str) -> object:
        """Import a public name when it is first used (PEP 562)."""
        if name in _HOME_OF:
            value = getattr(import_module(_HOME_OF[name]), name)
            globals()[name] = value
            return value
        message = f"module 'antiphon' has no attribute {name!r}"
        if name in _VERBS:
            message += f"; calls are made by a client: antiphon.Client().{name}(...)"
        raise AttributeError(message)

    def __dir__() -> list[str]:
        """List every public name, whether it was imported yet or not."""
        return sorted({*globals(), *__all__})
