"""Where redirects lead and what goes along (RFC 9110 section 15.4)."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from antiphon.errors import InvalidURLError, RedirectError, TooManyRedirects
from antiphon.models.body import BytesBody
from antiphon.models.headers import Headers
from antiphon.models.iterable_body import IterableBody
from antiphon.models.request import Request
from antiphon.models.url import URL
from antiphon.policies.redirects import downgrade_note, is_redirect, next_request

START = "https://site.example/a/b?q=1"
ALL = (301, 302, 303, 307, 308)


def followed(
    request: Request | None = None, status: int = 302, location: str = "/next", **options: object
) -> Request:
    request = request or Request("GET", URL(START))
    following = next_request(request, status, Headers({"Location": location}), **options)
    assert following is not None
    return following


def posted(headers: dict[str, str] | None = None, method: str = "POST") -> Request:
    return Request(method, URL(START), Headers(headers or {}), BytesBody(b"x", "text/plain"))


# --- what is a redirect ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "location", "expected"),
    [
        *((status, "/x", True) for status in ALL),
        *((status, None, False) for status in ALL),
        (302, "", False),
        *((status, "/x", False) for status in (200, 201, 300, 304, 305, 306, 309, 400, 503)),
    ],
)
def test_what_is_a_redirect(status: int, location: str | None, expected: bool) -> None:
    """Five statuses redirect, and only with a Location that says something."""
    headers = Headers({"Location": location} if location is not None else {})

    assert is_redirect(status, headers) is expected
    assert (next_request(Request("GET", URL(START)), status, headers) is not None) is expected


# --- method and body ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "status", "expected"),
    [
        *(("GET", status, "GET") for status in ALL),
        *(("HEAD", status, "HEAD") for status in ALL),
        *(("POST", status, "GET") for status in (301, 302, 303)),
        *(("POST", status, "POST") for status in (307, 308)),
        *((method, status, method) for method in ("PUT", "DELETE", "PATCH", "QUERY", "LOCK")
          for status in (301, 302, 307, 308)),
        *((method, 303, "GET") for method in ("PUT", "DELETE", "PATCH", "QUERY", "OPTIONS", "LOCK")),
    ],
)  # fmt: skip
def test_methods(method: str, status: int, expected: str) -> None:
    """303 asks for GET, 301 and 302 turn POST into GET, all else stays; HEAD always does."""
    assert followed(Request(method, URL(START)), status).method == expected


@pytest.mark.parametrize("status", [307, 308])
def test_a_kept_method_keeps_the_body(status: int) -> None:
    """307 and 308 send the same body with the same headers about it."""
    request = posted({"Content-Type": "text/plain", "X-Kept": "1"})

    assert followed(request, status) == request.with_(url=URL("https://site.example/next"))


@pytest.mark.parametrize("status", [301, 302, 303])
def test_a_new_method_drops_the_body(status: int) -> None:
    """With the method changed to GET, the body and every header about it stay behind."""
    request = posted(
        {
            "Accept": "*/*",
            "Content-Type": "text/plain",
            "Content-Length": "1",
            "Content-Encoding": "gzip",
            "content-language": "en",
            "Content-Location": "/",
            "Content-Range": "bytes 0-0/1",
            "Transfer-Encoding": "chunked",
            "Content-Digest": "sha-256=:x:",
            "Expect": "100-continue",
            "Trailer": "X",
            "Last-Modified": "yesterday",
            "X-Kept": "1",
        }
    )

    following = followed(request, status)

    assert following.body is None
    assert following.headers.pairs == (("Accept", "*/*"), ("X-Kept", "1"))


def test_a_stream_cannot_be_sent_again() -> None:
    """A body that is a one-shot stream is not replayed: the error says so and what to do."""
    request = Request("POST", URL(START), body=IterableBody(iter([b"x"])))

    with pytest.raises(RedirectError) as caught:
        followed(request, 307, "https://other.example/new?token=hunter2")

    assert str(caught.value) == (
        "cannot follow the 307 redirect of POST https://site.example/a/b?[1 parameter] to "
        "https://other.example/new?[1 parameter]: the request body is a stream and cannot be sent "
        "again; give it as bytes or a file, or pass follow_redirects=False"
    )
    assert (caught.value.status, caught.value.request) == (307, request)


def test_a_stream_that_is_dropped_is_no_obstacle() -> None:
    """Where the method becomes GET nothing has to be sent again."""
    request = Request("POST", URL(START), body=IterableBody(iter([b"x"])))

    assert followed(request, 303).body is None


# --- the target -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("location", "expected"),
    [
        ("/next", "https://site.example/next"),
        ("next", "https://site.example/a/next"),
        ("../next?x", "https://site.example/next?x"),
        ("?x=2", "https://site.example/a/b?x=2"),
        ("//other.example/", "https://other.example/"),
        ("http://other.example:8080/x", "http://other.example:8080/x"),
        ("HTTPS://OTHER.example", "https://other.example/"),
        (" /next ", "https://site.example/next"),
        ("/a b?c d", "https://site.example/a%20b?c%20d"),
        ("/\xc3\xa9", "https://site.example/%C3%A9"),
        ("/\xe9", "https://site.example/%C3%A9"),
        ("/%E9", "https://site.example/%E9"),
    ],
)
def test_locations_are_resolved(location: str, expected: str) -> None:
    """Location is a reference to be resolved; raw spaces, UTF-8 and latin-1 in it are escaped."""
    assert followed(location=location).url.text == expected


@pytest.mark.parametrize(
    ("location", "expected"),
    [
        ("/next", "https://site.example/next#part"),
        ("/next#other", "https://site.example/next#other"),
        ("/next#", "https://site.example/next"),
        ("https://other.example/", "https://other.example/#part"),
        ("#other", "https://site.example/a/b?q=1#other"),
    ],
)
def test_fragments_are_inherited(location: str, expected: str) -> None:
    """A Location without a fragment of its own inherits that of the request's URL."""
    assert followed(Request("GET", URL(START + "#part")), 302, location).url.text == expected


@pytest.mark.parametrize(
    "location",
    [
        "ftp://other.example/",
        "javascript:alert(1)",
        "file:///etc/passwd",
        "http://",
        "https:///x",
        "http://user:hunter2@other.example:notaport/",
        "http://user:hunter2@[::1/?token=hunter2",
        "//",
    ],
)
def test_invalid_locations(location: str) -> None:
    """What is no http or https URL is refused with its cause, and shows no credentials."""
    with pytest.raises(RedirectError, match="cannot follow the 302 redirect of GET") as caught:
        followed(location=location)

    assert isinstance(caught.value.__cause__, InvalidURLError)
    assert "hunter2" not in f"{caught.value} {caught.value!r} {caught.value.__cause__}"


def test_several_locations() -> None:
    """Two Locations that differ are refused, the same one twice is followed."""
    twice = Headers([("Location", "/a"), ("Location", "/a")])
    two = Headers([("Location", "/a"), ("Location", "/b")])
    request = Request("GET", URL(START))

    following = next_request(request, 302, twice)

    assert following is not None
    assert following.url.path == "/a"
    with pytest.raises(RedirectError, match="2 different Location headers"):
        next_request(request, 302, two)


# --- credentials ----------------------------------------------------------------------------------

SECRETS = {
    "Authorization": "Basic hunter2",
    "Cookie": "sid=hunter2",
    "Proxy-Authorization": "Basic hunter2",
    "X-API-Key": "hunter2",
    "X-Auth-Token": "hunter2",
    "Host": "site.example",
}


@pytest.mark.parametrize(
    "location",
    [
        "https://other.example/",
        "https://www.site.example/",
        "https://site.example:8443/",
        "http://site.example/",
        "http://site.example:443/",
        "//user:pw@other.example/",
    ],
)
@pytest.mark.parametrize("status", ALL)
def test_credentials_stay_with_their_origin(location: str, status: int) -> None:
    """Another host, port or scheme, an upgrade or downgrade too, gets no secret header."""
    request = posted({**SECRETS, "Accept": "*/*", "X-Kept": "1"})

    following = followed(request, status, location)

    assert following.headers.pairs == (("Accept", "*/*"), ("X-Kept", "1"))


def test_an_upgrade_to_https_is_another_origin() -> None:
    """http and https of one host are two origins: who answers on one port need not own both."""
    request = Request("GET", URL("http://site.example/"), Headers(SECRETS))

    assert followed(request, 301, "https://site.example/").headers.pairs == ()


@pytest.mark.parametrize("location", ["/next", "https://site.example:443/next"])
def test_credentials_go_along_within_an_origin(location: str) -> None:
    """The same scheme, host and port gets what the caller gave for it."""
    request = Request("GET", URL(START), Headers(SECRETS))

    assert followed(request, 302, location).headers == request.headers


def test_userinfo_stays_with_its_origin() -> None:
    """User name and password of the URL go along to the same origin only."""
    request = Request("GET", URL("https://user:pw@site.example/a"))

    assert followed(request, 302, "/b").url.text == "https://user:pw@site.example/b"
    assert followed(request, 302, "https://other.example/b").url.username == ""


@given(
    st.sampled_from(["GET", "POST", "PUT"]),
    st.sampled_from(ALL),
    st.sampled_from(["http", "https"]),
    st.sampled_from(["site.example", "site.example.", "a.site.example", "127.0.0.1"]),
    st.sampled_from(["", ":80", ":443", ":8443"]),
    st.sampled_from(sorted(SECRETS)),
)
@settings(max_examples=300)
def test_no_secret_ever_leaves_its_origin(
    method: str, status: int, scheme: str, host: str, port: str, name: str
) -> None:
    """Whatever the method, status and target: a secret header is there if the origin is the same."""
    request = Request(method, URL(START), Headers({name: "x"}))

    following = followed(request, status, f"{scheme}://{host}{port}/")

    assert (name in following.headers) is (following.url.origin == request.url.origin)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("https", "http", True),
        ("https", "https", False),
        ("http", "http", False),
        ("http", "https", False),
    ],
)
def test_a_downgrade_is_noted(before: str, after: str, expected: bool) -> None:
    """Only a redirect from https to http has a note, which shows no query values."""
    note = downgrade_note(URL(f"{before}://a.example/?k=hunter2"), URL(f"{after}://b.example/"))

    assert note == (
        "redirected from https to http: https://a.example/?[1 parameter] -> http://b.example/"
        if expected
        else None
    )


# --- limits ---------------------------------------------------------------------------------------


def walk(locations: list[str], **options: int) -> list[Request]:
    """Follow `locations` in order, as the pipeline does; return every request."""
    hops: list[Request] = []
    request = Request("GET", URL("https://site.example/0?token=hunter2"))
    for location in locations:
        following = next_request(
            request, 302, Headers({"Location": location}), hops=tuple(hops), **options
        )
        assert following is not None
        hops.append(request)
        request = following
    return [*hops, request]


def test_twenty_redirects_are_followed_and_no_more() -> None:
    """Up to max_redirects, 20 by default, are followed; the next one raises with the chain."""
    assert len(walk([f"/{i}" for i in range(1, 21)])) == 21
    with pytest.raises(TooManyRedirects) as caught:
        walk([f"/{i}" for i in range(1, 22)])

    assert str(caught.value) == (
        "stopped after 20 redirects (max_redirects=20): "
        "https://site.example/0?[1 parameter] -> https://site.example/1 -> [16 more] -> "
        "https://site.example/18 -> https://site.example/19 -> https://site.example/20"
    )
    assert caught.value.status == 302


@pytest.mark.parametrize("limit", [0, 1, 5, 6])
def test_the_limit_is_the_callers(limit: int) -> None:
    """max_redirects redirects are followed, whatever its value."""
    steps = [f"/{i}" for i in range(1, limit + 2)]

    assert len(walk(steps[:-1], max_redirects=limit)) == limit + 1
    with pytest.raises(TooManyRedirects, match=f"stopped after {limit} redirects"):
        walk(steps, max_redirects=limit)


def test_a_short_chain_is_shown_whole() -> None:
    """An error about a few redirects names all of them, in order."""
    with pytest.raises(TooManyRedirects, match=r"0\?.* -> .*/1 -> .*/2 -> .*/3 -> .*/4 -> .*/5$"):
        walk([f"/{i}" for i in range(1, 7)], max_redirects=5)


def test_a_long_chain_is_cut_in_the_middle() -> None:
    """Of seven URLs an error shows the first two and the last three."""
    with pytest.raises(TooManyRedirects, match=r"/1 -> \[2 more\] -> .*/4 -> .*/5 -> .*/6$"):
        walk([f"/{i}" for i in range(1, 8)], max_redirects=6)


def test_coming_back_is_allowed_twice() -> None:
    """A server may send a client round for a cookie; the fourth visit to one URL is a loop."""
    walk(["/login", "/0?token=hunter2", "/login", "/0?token=hunter2", "/login"])
    with pytest.raises(TooManyRedirects) as caught:
        walk(
            [
                "/login",
                "/0?token=hunter2",
                "/login",
                "/0?token=hunter2",
                "/login",
                "/0?token=hunter2",
            ]
        )

    assert str(caught.value).startswith(
        "stopped in a loop: GET https://site.example/0?[1 parameter] was sent 3 times already: "
    )
    assert "hunter2" not in str(caught.value)


def test_a_fragment_does_not_hide_a_loop() -> None:
    """URLs that differ in the fragment only are one place."""
    with pytest.raises(TooManyRedirects, match="loop"):
        walk(["#a", "#b", "#c"])


def test_another_method_is_another_place() -> None:
    """A POST that comes back as GET has not been there before."""
    url = URL(START)
    hops = [Request("POST", url)] * 3

    assert followed(Request("POST", url), 303, START, hops=hops).method == "GET"
