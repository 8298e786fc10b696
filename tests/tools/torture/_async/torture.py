# Source of _sync/torture.py; after editing run: tox -e codegen
"""An async client, for a test: AsyncClient, `AsyncClient.aclose` and _async/torture.py.

Not renamed: AsyncClientError is no whole word, neither are my_AsyncClient nor reaclose.
    with an AsyncClient() as client: "quotes" and 'more' of them
"""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from somewhere._async.client import AsyncClient as Voice, AsyncTransport

__all__ = ["AsyncClient", 'AsyncTransport']  # AsyncClient first, then AsyncTransport


def decorate(function, *names):
    return function


@decorate
async def plain(): return await nothing()


@decorate  # an async client under a decorator
@(lambda function: decorate(function, "AsyncClient"))
async   def  spaced ( ) :
    return  await   nothing( )


class AsyncClient:
    """An async client."""

    name: AsyncClient | None = None; other: "AsyncClient | None" = None

    async def __aenter__(self) -> AsyncClient:
        async with self.a, self.b as b, AsyncExitStack() as stack:
            await stack.enter_async_context(b)
        async with (
            self.a,  # an async client
            self.b as b,
        ):
            pass
        return await (
            self.start(b)
        )

    def __aiter__(self): return self

    async def __anext__(self):
        if await self.done(): raise StopAsyncIteration
        return (await self.next()).value[await self.index()]

    async def aclose(self): await self.stream.aclose(); await self.pool.aclose()


async def comprehensions(source):
    a = [item async for item in source]
    b = {await item async for item in source if await item.ready()}
    c = {key: await value async for key, value in source for _ in (await key, await value)}
    d = [
        await item
        async for item in source
        if not await item.ready()
    ]
    async for item in source: yield_ = -await item ** await item
    async for a.b, (c, *d) in source:
        print(*await c, **await d)
    else:
        pass
    return await a or not await b, [await b for b in d], await(c), lambda: (1, 2)


async def strings(client, value, nested):
    """An async client's docstring.

        >>> AsyncClient().aclose()

    'AsyncClient' and \
    "aclose" after a continuation.
    """
    a = "AsyncClient", 'AsyncClient', b"AsyncClient", r"\AsyncClient", "AsyncClient.aclose() was called"
    b = "AsyncClient | None" 'aclose' "x" f"AsyncClient {client}" rf"\d{client.aclose}"
    c = "one\nAsyncClient\tAsyncClient\\AsyncClient" '\'AsyncClient\'' "it's an async client"
    d = f"{await value}" f"{await value!r:>{await value}}" f"{ await value = }" f"{await value != 3}"
    e = f"an async client {await client.get('AsyncClient')!s} {{AsyncClient}} {{{await value}}}"
    f = f"{', '.join([str(await item) async for item in value])} AsyncClient {value:aclose}"
    g = f'''{
        await value
    } and {f"{await value} {nested['AsyncClient']:{await value}}"} an async client
    AsyncClient'''
    h = f"\N{EM DASH} {await value:%H:%M} é漢字𝄞 AsyncClient" + "é漢字𝄞" + await value + "𝄞" + await value
    i = rf"\N{await value}" F"{AsyncClient.name}" fR'{"aclose"}' f"{(lambda x: await_(x))(AsyncClient)}"
    j = f"{ {await value: 1}[1] }{value[await value:2]}" f"{'}' + await value + '{'}" f"""{"'" + await value}"""
    return a, b, c, d, e, f, g, h, i, j, await value


async def continuations(client):
    total = 1 + \
        await client.get() + \
        (await client
         .get()) if False else \
        await client.aclose()
    return total, \
           await client.get( ) # AsyncClient; an async client; not the async clients


if True:
	async def tabs(client):
		return await client.aclose()	# a tab before AsyncClient


# é漢字𝄞 AsyncClient _async tests._async my_async _asynchronous
é = lambda AsyncClient=None, *, aclose=None, **names: (AsyncClient, aclose); call = é(aclose=AsyncClient)
match_ = AsyncClient.__aenter__.aclose  ;  type_ = 0x1F if AsyncClient else 1_0.0e-1j
