"""Which requests get an idempotency key, and whose."""

from __future__ import annotations

import copy
import pickle
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.errors import InvalidHeaderError, InvalidOptionError
from antiphon.models.headers import Headers
from antiphon.models.request import Request
from antiphon.models.url import URL
from antiphon.policies.call_context import CallContext
from antiphon.policies.call_options import CallOptions
from antiphon.policies.idempotency_key import IdempotencyKey, random_key

URL_ = URL("https://site.example/")


def keyed(
    policy: IdempotencyKey,
    method: str = "POST",
    asked: str | bool | None = None,
    headers: dict[str, str] | None = None,
) -> tuple[Request, CallContext]:
    request = Request(method, URL_, Headers(headers or {}))
    options = CallOptions(idempotency_key=asked)
    call = options.begin(request, True, False, 0.0)
    return policy.keyed(request, call), call


MADE = IdempotencyKey(make=lambda: "made")


async def async_key() -> str:
    return "made"


@pytest.mark.parametrize(
    ("method", "asked", "headers", "expected"),
    [
        ("POST", None, {}, "made"),
        ("PATCH", None, {}, "made"),
        ("GET", None, {}, None),
        ("PUT", None, {}, None),
        ("DELETE", None, {}, None),
        # What the call says.
        ("POST", "mine", {}, "mine"),
        ("GET", "mine", {}, "mine"),
        ("PUT", True, {}, "made"),
        ("POST", True, {}, "made"),
        ("POST", False, {}, None),
        # A header of the caller's own.
        ("POST", None, {"idempotency-key": "theirs"}, "theirs"),
        ("POST", True, {"Idempotency-Key": "theirs"}, "theirs"),
        ("POST", False, {"Idempotency-Key": "theirs"}, "theirs"),
        ("POST", "mine", {"Idempotency-Key": "theirs"}, "mine"),
        ("GET", None, {"Idempotency-Key": "theirs"}, "theirs"),
    ],
)
def test_who_gets_which_key(
    method: str, asked: str | bool | None, headers: dict[str, str], expected: str | None
) -> None:
    """What the call says comes first, then a header that is there, then the methods."""
    request, call = keyed(MADE, method, asked, headers)

    assert expected == request.headers.get("Idempotency-Key")
    assert (expected is not None) is call.is_keyed(request)
    assert 1 >= len(request.headers.get_list("Idempotency-Key"))


def test_a_request_without_a_key_stays_the_same() -> None:
    """Nothing is copied where nothing is added."""
    request = Request("GET", URL_)
    call = CallOptions().begin(request, True, False, 0.0)

    assert MADE.keyed(request, call) is request


def test_own_methods_and_header() -> None:
    """Both can be set, and the call knows the header by name."""
    policy = IdempotencyKey(methods=["PUT"], header="X-Request-Token", make=lambda: "k")

    request, call = keyed(policy, "PUT")
    assert ("k", True) == (request.headers["x-request-token"], call.is_keyed(request))
    assert "X-Request-Token" not in keyed(policy, "POST")[0].headers


def test_random_keys() -> None:
    """Keys are random UUIDs of version 4, and no two are the same."""
    keys = [random_key() for _ in range(1000)]

    assert 1000 == len(set(keys))
    for key in keys:
        parsed = uuid.UUID(key)
        assert (4, uuid.RFC_4122, key) == (parsed.version, parsed.variant, str(parsed))


def test_every_bit_of_a_key_is_random_but_for_six() -> None:
    """The version and the variant are set; no other bit is always the same."""
    numbers = [uuid.UUID(random_key()).int for _ in range(500)]
    always = never = (1 << 128) - 1
    for number in numbers:
        always &= number
        never &= ~number

    assert (2, 4) == (always.bit_count(), never.bit_count())


@pytest.mark.parametrize("made", ["", "k\u00e9y", "a\r\nb", None, 5])
def test_what_a_function_may_not_make(made: object) -> None:
    """A key is printable ASCII; what is not is refused before anything is sent."""
    policy = IdempotencyKey(make=lambda: made)  # type: ignore[arg-type,return-value]

    with pytest.raises(InvalidOptionError, match=r"^IdempotencyKey.make\(\): a key is printable"):
        keyed(policy)


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"methods": "POST"}, InvalidOptionError),
        ({"methods": None}, InvalidOptionError),
        ({"header": "two words"}, InvalidHeaderError),
        ({"header": ""}, InvalidHeaderError),
        ({"make": "key"}, InvalidOptionError),
        ({"make": None}, InvalidOptionError),
        ({"make": async_key}, InvalidOptionError),
    ],
)
def test_settings_that_cannot_work(arguments: dict[str, object], error: type[Exception]) -> None:
    """They are refused when the policy is made."""
    with pytest.raises(error):
        IdempotencyKey(**arguments)  # type: ignore[arg-type]


def test_a_key_is_for_one_call() -> None:
    """A client whose calls all have the same key would have them taken for one."""
    with pytest.raises(InvalidOptionError, match="a key is for one call"):
        CallOptions(idempotency_key="k").as_defaults()

    assert CallOptions(idempotency_key=True).as_defaults().idempotency_key is True


def test_a_policy_is_a_value() -> None:
    """Equal settings are equal, hash alike, and survive copies and pickles."""
    policy = IdempotencyKey(methods={"POST"})

    assert policy == IdempotencyKey(methods=["POST"])
    assert 1 == len({policy, IdempotencyKey(methods=["POST"])})
    assert pickle.loads(pickle.dumps(policy)) == copy.deepcopy(policy) == policy


def test_how_it_is_shown() -> None:
    """`make` by its name, so that a pipeline reads the same in every run."""
    assert "make=random_key)" in repr(IdempotencyKey())
    assert "make=<lambda>)" in repr(MADE)


@given(
    st.sampled_from(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]),
    st.sets(st.sampled_from(["GET", "POST", "PUT", "PATCH"]), min_size=1),
    st.booleans(),
)
def test_who_gets_a_key(method: str, methods: set[str], own: bool) -> None:
    """The caller's own stays; else the methods that are named get one, and no others."""
    policy = IdempotencyKey(make=lambda: "made", methods=methods)

    request, _ = keyed(policy, method, headers={"Idempotency-Key": "own"} if own else {})

    expected = "own" if own else "made" if method in methods else None
    assert expected == request.headers.get("idempotency-key")
    again, _ = keyed(policy, method, headers=dict(request.headers.items()))
    assert request.headers == again.headers
