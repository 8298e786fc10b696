"""Settings about proxies and addresses that a client refuses when it is made."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from antiphon.errors import InvalidOptionError, WrongFlavourError
from antiphon.models.connecting import Connecting
from antiphon.models.unset import UNSET
from antiphon.policies.connecting_checks import check_async_connecting, check_sync_connecting

if TYPE_CHECKING:
    from collections.abc import Callable


class Plain:
    """A resolver for Client."""

    def resolve(self, host: str, port: int) -> list[str]:
        """Answer at once."""
        return [f"{host}{port}"]


class Async:
    """A resolver for AsyncClient."""

    async def resolve(self, host: str, port: int) -> list[str]:
        """Answer in a while."""
        return [f"{host}{port}"]


@pytest.mark.parametrize(
    ("check", "wrong", "right", "words"),
    [
        (check_async_connecting, Plain(), Async(), "has a plain resolve.*AsyncClient.*async def"),
        (check_sync_connecting, Async(), Plain(), "has an async resolve.*Client.*`def resolve"),
    ],
)
def test_voice_of_the_resolver(
    check: Callable[..., None], wrong: object, right: object, words: str
) -> None:
    """A resolver of the other voice is refused, naming what is called for."""
    check(UNSET, None, right, None, None)
    check(UNSET, None, {"a": "127.0.0.1"}, None, None)
    with pytest.raises(WrongFlavourError, match=words):
        check(UNSET, None, wrong, None, None)


@pytest.mark.parametrize(
    "settings",
    [
        (None, None, None, None),
        ("http://proxy", None, None, None),
        (UNSET, {}, None, None),
        (UNSET, None, {}, None),
        (UNSET, None, None, Connecting()),
    ],
)
def test_transport_connects_by_itself(settings: tuple[object, object, object, object]) -> None:
    """With an own transport none of the settings would have an effect, so none is taken."""
    check_async_connecting(UNSET, None, None, None, object())
    with pytest.raises(InvalidOptionError, match="give them to the transport"):
        check_async_connecting(*settings, object())
