"""Digest access authentication (RFC 7616): what the auth does with the answers that it gets."""

from __future__ import annotations

import copy
import pickle
import re
import threading
from collections.abc import Generator
from typing import Any

import attrs
import pytest

from antiphon.errors import InvalidOptionError, UsageError
from antiphon.models.body_builder import build_body
from antiphon.models.headers import Headers
from antiphon.models.request import Request
from antiphon.models.url import URL
from antiphon.policies.auth_challenges import parameters_of
from antiphon.policies.auth_digest import DigestAuth
from antiphon.policies.auth_errands import Note


@attrs.frozen
class Answer:
    """The head of a response."""

    status: int
    headers: Headers = Headers()


REQUEST = Request("GET", URL("http://a.example/x"))
SENT_STREAM = Request("POST", REQUEST.url, body=build_body(content=iter([b"x"])))


def challenge(nonce: str, more: str = "") -> Answer:
    value = f'Digest realm="r", nonce="{nonce}", qop="auth", algorithm=SHA-256{more}'
    return Answer(401, Headers({"WWW-Authenticate": value}))


def run(
    auth: DigestAuth, *answers: Answer, request: Request = REQUEST
) -> tuple[list[dict[str, str]], list[str]]:
    """Return the parameters of what is signed for each request, and the notes."""
    sent: list[dict[str, str]] = []
    notes: list[str] = []
    waiting = list(answers)
    flow: Generator[Any, Any, None] = auth.auth_flow(request)
    wish = next(flow)
    try:
        while True:
            if isinstance(wish, Note):
                notes.append(wish.text)
                wish = flow.send(None)
            else:
                value = auth.sign(wish, 0.0).headers.get("Authorization", "")
                sent.append(parameters_of(value.removeprefix("Digest ")))
                wish = flow.send(waiting.pop(0))
    except StopIteration:
        assert [] == waiting
        return sent, notes


def nonces(sent: list[dict[str, str]]) -> list[tuple[str | None, str | None]]:
    return [(one.get("nonce"), one.get("nc")) for one in sent]


def test_asked_once_signed_ever_after() -> None:
    """The first request goes without; its challenge serves all later ones, which are counted."""
    auth = DigestAuth("ada", "pw")

    assert [(None, None), ("n", "00000001")] == nonces(run(auth, challenge("n"), Answer(200))[0])
    assert [("n", "00000002")] == nonces(run(auth, Answer(200))[0])
    elsewhere = Request("GET", URL("http://b.example/x"))
    assert [(None, None)] == nonces(run(auth, Answer(200), request=elsewhere)[0])


def test_each_signature_is_another() -> None:
    """Signing a request again, as a retry does, counts on and uses a new nonce of our own."""
    auth = DigestAuth("ada", "pw")
    run(auth, challenge("n"), Answer(200))

    first, second = (auth.sign(REQUEST, 0.0).headers["Authorization"] for _ in range(2))

    assert ("nc=00000002", "nc=00000003") == (
        first[first.index("nc=") :][:11],
        second[second.index("nc=") :][:11],
    )
    cnonces = {re.findall(r'cnonce="(\w+)"', value)[0] for value in (first, second)}
    assert 2 == len(cnonces)


def test_a_session_keeps_its_own_nonce() -> None:
    """With -sess all requests of a session have the cnonce that its key was made of."""
    auth = DigestAuth("ada", "pw")
    session = Answer(
        401,
        Headers({"WWW-Authenticate": "Digest realm=r, nonce=n, qop=auth, algorithm=MD5-sess"}),
    )
    sent = run(auth, session, Answer(200))[0] + run(auth, Answer(200))[0]

    assert 1 == len({one["cnonce"] for one in sent[1:]})


def test_a_stale_nonce() -> None:
    """A nonce that ran out is replaced by the challenge that says so, stale or not."""
    auth = DigestAuth("ada", "pw")
    run(auth, challenge("n"), Answer(200))

    sent, _ = run(auth, challenge("m", ", stale=TRUE"), Answer(200))
    assert [("n", "00000002"), ("m", "00000001")] == nonces(sent)
    sent, _ = run(auth, challenge("o"), Answer(200))
    assert [("m", "00000002"), ("o", "00000001")] == nonces(sent)
    # A nonce that is stale as soon as it is given: one more try, and no more.
    sent, _ = run(
        auth, challenge("p"), challenge("q", ", stale=true"), challenge("r", ", stale=true")
    )
    assert [("o", "00000002"), ("p", "00000001"), ("q", "00000001")] == nonces(sent)


def test_a_wrong_password_is_tried_once_a_call() -> None:
    """A challenge to an answer that is not stale says no; the next call asks first again."""
    auth = DigestAuth("ada", "wrong")

    for nonce in ("n", "o"):
        sent, _ = run(auth, challenge(nonce), challenge("m"))
        assert [(None, None), (nonce, "00000001")] == nonces(sent)


def test_a_nonce_that_many_are_given_is_counted_on() -> None:
    """Callers who were challenged at once with one nonce use no count of it twice (section 3.4)."""
    auth = DigestAuth("ada", "pw")
    flows = [auth.auth_flow(REQUEST) for _ in range(3)]
    for flow in flows:
        assert REQUEST == auth.sign(next(flow), 0.0)  # type: ignore[arg-type]
    counts = []
    for flow in flows:
        signed = auth.sign(flow.send(challenge("n")), 0.0)  # type: ignore[arg-type]
        counts.append(parameters_of(signed.headers["Authorization"].removeprefix("Digest "))["nc"])

    assert ["00000001", "00000002", "00000003"] == counts


def test_a_nonce_that_comes_back_is_counted_on() -> None:
    """Answers overtake each other: an older challenge, met later, does not start at one again."""
    auth = DigestAuth("ada", "pw")
    older, newer, late = (auth.auth_flow(REQUEST) for _ in range(3))
    for flow in (older, newer, late):
        next(flow)
    counts = []
    for flow, nonce in ((older, "n"), (newer, "m"), (late, "n")):
        signed = auth.sign(flow.send(challenge(nonce)), 0.0)  # type: ignore[arg-type]
        counts += nonces([parameters_of(signed.headers["Authorization"].removeprefix("Digest "))])

    assert [("n", "00000001"), ("m", "00000001"), ("n", "00000002")] == counts


def test_few_nonces_are_remembered() -> None:
    """A server that gives a new nonce each time does not fill the memory."""
    auth = DigestAuth("ada", "pw")
    for number in range(100):
        run(auth, challenge(f"n{number}"), Answer(200))

    space = auth._spaces.peek(str(REQUEST.url.origin))
    assert space is not None
    assert len(space.former) <= 16


def test_a_session_that_many_are_given_is_one() -> None:
    """The same challenge again does not change the key of a -sess session in the middle of it."""
    auth = DigestAuth("ada", "pw")
    session = challenge("n", "-sess")
    flows = [auth.auth_flow(REQUEST) for _ in range(2)]
    for flow in flows:
        next(flow)
    names = set()
    for flow in flows:
        signed = auth.sign(flow.send(session), 0.0)  # type: ignore[arg-type]
        said = parameters_of(signed.headers["Authorization"].removeprefix("Digest "))
        names.add(said["cnonce"])

    assert 1 == len(names)


def test_the_next_nonce() -> None:
    """Authentication-Info has the nonce of the next request (section 3.5), counted from one."""
    auth = DigestAuth("ada", "pw")
    following = Answer(200, Headers({"Authentication-Info": 'nextnonce="m", rspauth="x"'}))

    run(auth, challenge("n"), following)
    assert [("m", "00000001")] == nonces(run(auth, following)[0])
    assert [("m", "00000002")] == nonces(run(auth, Answer(200))[0])


def test_other_challenges_are_left_alone() -> None:
    """A 401 that asks for something else is the answer."""
    other = Answer(401, Headers({"WWW-Authenticate": 'Basic realm="r"'}))

    assert [(None, None)] == nonces(run(DigestAuth("ada", "pw"), other)[0])


def test_a_stream_is_not_sent_again() -> None:
    """The 401 stays then, with a note; but the next request knows what to say."""
    auth = DigestAuth("ada", "pw")

    sent, notes = run(auth, challenge("n"), request=SENT_STREAM)

    assert [(None, None)] == nonces(sent)
    (note,) = notes
    assert "the digest challenge was not answered: the request body is a stream" in note
    assert [("n", "00000001")] == nonces(run(auth, Answer(200), request=SENT_STREAM)[0])


def test_what_cannot_be_protected_is_not_signed() -> None:
    """auth-int over a stream is impossible, so the request goes as it is."""
    auth = DigestAuth("ada", "pw")
    integrity = Answer(401, Headers({"WWW-Authenticate": "Digest realm=r,nonce=n,qop=auth-int"}))
    run(auth, integrity, Answer(200))

    assert auth.sign(SENT_STREAM, 0.0) is SENT_STREAM


def test_a_header_of_the_request_gives_way() -> None:
    """The first request says nothing yet, whatever Authorization it had."""
    flow = DigestAuth("ada", "pw").auth_flow(REQUEST.with_header("Authorization", "Basic x"))

    assert "authorization" not in next(flow).headers  # type: ignore[union-attr]


def test_threads_share_the_count() -> None:
    """No two signatures have the same count, however many threads make them."""
    auth = DigestAuth("ada", "pw")
    run(auth, challenge("n"), Answer(200))
    counts: list[str] = []

    def sign() -> None:
        for _ in range(100):
            value = auth.sign(REQUEST, 0.0).headers["Authorization"]
            counts.append(re.findall(r"nc=(\w+)", value)[0])

    threads = [threading.Thread(target=sign) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert {f"{number:08x}" for number in range(2, 402)} == set(counts)


# --- the value ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("username", "password", "said"),
    [
        ("hunter:2", "x", "has a colon"),
        ("hunter2\n", "x", "control character"),
        ("user", "hunter2\0", "control character"),
        (3, "hunter2", r"username=\.\.\.\): must be a str or a Secret, not int"),
        ("user", None, r"password=\.\.\.\): must be a str or a Secret, not NoneType"),
    ],
)
def test_what_is_refused(username: Any, password: Any, said: str) -> None:
    """What RFC 7616 cannot carry is refused by the name of the argument, and never shown."""
    with pytest.raises(InvalidOptionError, match=said) as caught:
        DigestAuth(username, password)

    assert "hunter" not in str(caught.value)


def test_nothing_is_shown() -> None:
    """Neither repr nor a pickle holds the password; a copy starts with no challenge."""
    auth = DigestAuth("hunter1", "hunter2")
    run(auth, challenge("n"), Answer(200))

    assert "DigestAuth('***', '***')" == repr(auth)
    pickled = pickle.dumps(auth)
    assert b"hunter" not in pickled
    thawed = pickle.loads(pickled)
    assert thawed.sign(REQUEST, 0.0) is REQUEST
    with pytest.raises(UsageError, match="out of a pickle"):
        run(thawed, challenge("n"), Answer(200))
    assert [(None, None), ("n", "00000001")] == nonces(
        run(copy.deepcopy(auth), challenge("n"), Answer(200))[0]
    )
