"""`CookieJar` copied, pickled, shared by threads and inherited by a child process."""

from __future__ import annotations

import copy
import os
import pickle
import signal
import sys
import threading

import pytest

from antiphon.models.url import URL
from antiphon.policies.cookies import CookieJar

NOW = 1_700_000_000.0
SITE = URL("https://www.site.example/a/b")


def filled(*lines: str) -> CookieJar:
    jar = CookieJar()
    jar.store(SITE, lines, NOW)
    return jar


@pytest.mark.parametrize(
    "copied",
    [
        CookieJar.copy,
        copy.copy,
        copy.deepcopy,
        lambda jar: pickle.loads(pickle.dumps(jar)),
        lambda jar: CookieJar.from_json(jar.to_json()),
    ],
    ids=["copy()", "copy", "deepcopy", "pickle", "json"],
)
def test_copies_are_equal_and_independent(copied: object) -> None:
    """A copy has every cookie with its age and order, and does not change with the original."""
    jar = filled("a=1; Path=/", "b=2; Max-Age=5", "=odd=one", "d=\xe9; Domain=site.example; Secure")
    jar.set("e", "5")

    twin = copied(jar)  # type: ignore[operator]
    jar.clear()

    assert twin.header_for(SITE, NOW + 1) == "b=2; odd=one; d=\xe9; a=1; e=5"
    assert [c.created for c in twin.cookies] == [NOW, NOW, NOW, NOW, 0.0]
    assert twin.header_for(SITE, NOW + 5) == "odd=one; d=\xe9; a=1; e=5"


def test_threads_share_a_jar() -> None:
    """Threads that store, read and delete at once neither fail nor lose count."""
    jar = CookieJar()
    failures: list[BaseException] = []
    start = threading.Barrier(8)

    def work(number: int) -> None:
        url = URL(f"https://h{number % 3}.site.example/")
        try:
            start.wait(timeout=10)
            for i in range(150):
                jar.store(url, [f"c{number}-{i % 40}=1; Max-Age={i % 3}"], i)
                jar.header_for(url, i)
                list(jar)
                jar.delete(f"c{number}-{i % 7}")
        except BaseException as error:
            failures.append(error)

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=30)
    finally:
        sys.setswitchinterval(interval)

    assert failures == []
    assert len(jar) == len(jar.cookies) == sum(len(kept) for kept in jar._store.domains.values())


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this platform has no fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_child_process_has_a_lock_of_its_own() -> None:
    """A jar whose lock another thread held at a fork still works in the child."""
    jar = filled("a=1")
    with jar._lock:
        child = os.fork()
        if child == 0:
            signal.alarm(10)
            os._exit(0 if jar.header_for(SITE, NOW) == "a=1" and len(jar) == 1 else 1)
    _, status = os.waitpid(child, 0)

    assert status == 0


@pytest.mark.parametrize("outer", ["store", "header_for", "cookies", "set", "delete", "clear"])
@pytest.mark.parametrize("inner", ["store", "header_for", "cookies", "set", "delete", "clear"])
def test_a_finaliser_may_use_the_jar_amid_its_use(
    outer: str, inner: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever a finaliser does to the jar that the collector interrupts, it waits for nobody."""
    uses = {
        "store": lambda: jar.store(SITE, ["new=1"], NOW),
        "header_for": lambda: jar.header_for(SITE, NOW),
        "cookies": lambda: jar.cookies,
        "set": lambda: jar.set("hand", "1"),
        "delete": lambda: jar.delete("a"),
        "clear": lambda: jar.clear(),
    }
    jar = filled("a=1", "b=2")
    interruptions: list[object] = []

    class Entries(dict):  # type: ignore[type-arg]
        def values(self):  # type: ignore[no-untyped-def]
            for value in super().values():
                if not interruptions:
                    interruptions.append(inner)
                    uses[inner]()
                yield value

    ((domain, kept),) = jar._store.domains.items()
    jar._store.domains[domain] = Entries(kept)

    # `store` looks at the cookies there are only for an origin that may not replace secure ones.
    if outer == "store":
        jar.store(URL("http://www.site.example/"), ["new=1"], NOW)
    elif outer == "set":
        monkeypatch.setattr("antiphon.policies.cookie_store.MAX_COOKIES_PER_DOMAIN", 0)
        jar.set("hand", "1", domain=domain)
    else:
        uses[outer]()

    assert [inner] == interruptions
    names = {cookie.name for cookie in jar.cookies}
    assert len(jar.cookies) == len(jar)
    if inner in {"store", "set"} and outer not in {"set", "clear"}:
        assert {"store": "new", "set": "hand"}[inner] in names
    if inner == "clear" and outer != "store":
        assert set() == names
