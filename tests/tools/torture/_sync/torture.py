# GENERATED from _async/torture.py by tools/unasync.py. Do not edit.
"""A client, for a test: Client, `Client.close` and _sync/torture.py.

Not renamed: AsyncClientError is no whole word, neither are my_AsyncClient nor reaclose.
    with a Client() as client: "quotes" and 'more' of them
"""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from somewhere._sync.client import Client as Voice, Transport

__all__ = ["Client", 'Transport']  # Client first, then Transport


def decorate(function, *names):
    return function


@decorate
def plain(): return nothing()


@decorate  # a client under a decorator
@(lambda function: decorate(function, "Client"))
def  spaced ( ) :
    return  nothing( )


class Client:
    """A client."""

    name: Client | None = None; other: "Client | None" = None

    def __enter__(self) -> Client:
        with self.a, self.b as b, ExitStack() as stack:
            stack.enter_context(b)
        with (
            self.a,  # a client
            self.b as b,
        ):
            pass
        return (
            self.start(b)
        )

    def __iter__(self): return self

    def __next__(self):
        if self.done(): raise StopIteration
        return (self.next()).value[self.index()]

    def close(self): self.stream.close(); self.pool.close()


def comprehensions(source):
    a = [item for item in source]
    b = {item for item in source if item.ready()}
    c = {key: value for key, value in source for _ in (key, value)}
    d = [
        item
        for item in source
        if not item.ready()
    ]
    for item in source: yield_ = -item ** item
    for a.b, (c, *d) in source:
        print(*c, **d)
    else:
        pass
    return a or not b, [b for b in d], (c), lambda: (1, 2)


def strings(client, value, nested):
    """A client's docstring.

        >>> Client().close()

    'Client' and \
    "close" after a continuation.
    """
    a = "Client", 'Client', b"Client", r"\Client", "Client.close() was called"
    b = "Client | None" 'close' "x" f"Client {client}" rf"\d{client.close}"
    c = "one\nClient\tClient\\Client" '\'Client\'' "it's a client"
    d = f"{value}" f"{value!r:>{value}}" f"{ value = }" f"{value != 3}"
    e = f"a client {client.get('Client')!s} {{Client}} {{{value}}}"
    f = f"{', '.join([str(item) for item in value])} Client {value:close}"
    g = f'''{
        value
    } and {f"{value} {nested['Client']:{value}}"} a client
    Client'''
    h = f"\N{EM DASH} {value:%H:%M} é漢字𝄞 Client" + "é漢字𝄞" + value + "𝄞" + value
    i = rf"\N{value}" F"{Client.name}" fR'{"close"}' f"{(lambda x: await_(x))(Client)}"
    j = f"{ {value: 1}[1] }{value[value:2]}" f"{'}' + value + '{'}" f"""{"'" + value}"""
    return a, b, c, d, e, f, g, h, i, j, value


def continuations(client):
    total = 1 + \
        client.get() + \
        (client
         .get()) if False else \
        client.close()
    return total, \
           client.get( ) # Client; a client; not the async clients


if True:
	def tabs(client):
		return client.close()	# a tab before Client


# é漢字𝄞 Client _sync tests._sync my_async _asynchronous
é = lambda Client=None, *, close=None, **names: (Client, close); call = é(close=Client)
match_ = Client.__enter__.close  ;  type_ = 0x1F if Client else 1_0.0e-1j
