# GENERATED from _async/test_pipeline.py by tools/unasync.py. Do not edit.
"""The pipeline of a client: what it shows, and what it refuses when the client is made."""

from __future__ import annotations

import pytest

from antiphon._sync.client import Client
from antiphon.errors import InvalidOptionError, ServiceUnavailableError
from antiphon.policies.auth import BearerAuth
from antiphon.policies.resilience import Resilience
from antiphon.policies.retry import Retry
from tests.app import App, answer
from tests.loopback import LoopbackServer


def test_it_can_be_read() -> None:
    """`client.pipeline` lists the steps, those of its views too."""

    class Own:
        stage = "wire"

        def __call__(self, request, call):
            yield request

        def __repr__(self) -> str:
            return "Own()"

    with Client(policies=[Own()]) as client:
        lines = str(client.pipeline).splitlines()
        view = client.with_options(timeout=1).pipeline

    assert ["wire       Own()", "           transport"] == lines[-2:]
    assert "operation  status errors" == lines[0]
    assert view is client.pipeline


def test_a_retry_among_the_policies_is_the_default_of_the_calls() -> None:
    """`Retry` may stand in the list; a call's own `retry=` goes over it all the same."""
    app = App({"/": answer(503)})
    policies = [Resilience("calm", Retry(2, base_delay=0))]
    with LoopbackServer(app) as server:
        with Client(policies=policies) as client:
            with pytest.raises(ServiceUnavailableError) as twice:
                client.get(server.url)
            with pytest.raises(ServiceUnavailableError) as once:
                client.get(server.url, retry=None)

    assert 2 == len(twice.value.attempts)
    assert 1 == len(once.value.attempts)


def test_one_resilience_in_several_clients() -> None:
    """A named value of several policies may be given to any number of clients."""
    calm = Resilience("calm", Retry(2, base_delay=0))
    app = App({"/": answer(503)})
    with LoopbackServer(app) as server:
        for _ in range(2):
            with Client(policies=[calm], raise_for_status=False) as client:
                assert 2 == len((client.get(server.url)).attempts)


def test_contradictions_are_refused() -> None:
    """`retry=` beside a `Retry` in the list, two of them, and two policies where one belongs."""
    with pytest.raises(InvalidOptionError, match="contradict each other"):
        Client(retry=3, policies=[Retry()])
    with pytest.raises(InvalidOptionError, match="contradict each other"):
        Client(retry=None, policies=[Resilience("calm", Retry())])
    with pytest.raises(InvalidOptionError, match="which takes one"):
        Client(policies=[Retry(), Resilience("calm", Retry())])


def test_options_without_their_policy_are_refused() -> None:
    """What would silently do nothing is refused by name, for a call and for a view."""
    with Client() as client:
        with pytest.raises(InvalidOptionError, match=r"cache='reload' .* no Cache"):
            client.get("http://example.com", cache="reload")
        with pytest.raises(InvalidOptionError, match=r"log=True .* no Logging"):
            client.with_options(log=True)
        with pytest.raises(InvalidOptionError, match=r"no keyword caching=; did you mean cache="):
            client.get("http://example.com", caching="reload")


def test_policies_looked_for_among_the_settings() -> None:
    """A policy given as a setting, a call's option or an auth in the list is told where it goes."""
    with pytest.raises(InvalidOptionError, match=r"no keyword cache=; write policies=\[Cache\("):
        Client(cache=True)  # type: ignore[arg-type]
    with pytest.raises(InvalidOptionError, match=r"write retry=Retry\(budget=RetryBudget\(\)\)"):
        Client(budget=5)  # type: ignore[arg-type]
    with pytest.raises(InvalidOptionError, match=r"BearerAuth.* is an auth; give it as auth="):
        Client(policies=[BearerAuth("token")])  # type: ignore[list-item]
    with Client() as client:
        with pytest.raises(InvalidOptionError, match=r"give the client policies=\[Hedge\("):
            client.get("http://example.com", hedge=0.2)
