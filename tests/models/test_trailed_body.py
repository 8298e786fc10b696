"""Trailed bodies and what makes their trailers."""

from __future__ import annotations

import pickle

import pytest

from antiphon.errors import InvalidHeaderError, InvalidOptionError
from antiphon.models.body import Body, BytesBody
from antiphon.models.body_builder import build_body
from antiphon.models.content_digest import content_hash, digest_field, digest_of
from antiphon.models.headers import Headers
from antiphon.models.trailed_body import TrailedBody
from antiphon.models.trailers import TrailerMaker


@pytest.mark.parametrize(
    ("algorithm", "expected"),
    [
        ("sha-256", "sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:"),
        (
            "sha-512",
            "sha-512=:WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyealdVLvRwEmTHWXvJwew==:",
        ),
    ],
)
def test_digests_of_the_standard(algorithm, expected):
    """The digests of {"hello": "world"} are those of RFC 9530, appendix D."""
    body = BytesBody(b'{"hello": "world"}')

    assert expected == digest_of(body, algorithm)


def test_trailers_are_made_anew_each_time():
    """A body that is sent twice has trailers twice, of what was sent each time."""
    made = []
    maker = TrailerMaker({"X-Fixed": "1", "X-Count": lambda: made.append(1) or str(len(made))})
    body = TrailedBody(build_body(content=[b"ab", b"c"]), maker, "sha-256")
    expected = digest_of(BytesBody(b"abc"), "sha-256")

    for count in ("1", "2"):
        assert b"abc" == b"".join(body.chunks())
        assert (
            Headers([("X-Fixed", "1"), ("X-Count", count), ("Content-Digest", expected)])
            == body.trailers()
        )
    assert ("X-Fixed", "X-Count", "Content-Digest") == body.trailer_names
    assert (None, None, True) == (body.content, body.length, body.replayable)


def test_without_a_digest_the_pieces_are_the_sources():
    """Trailers alone leave the pieces as they are; other bodies have none."""
    body = TrailedBody(BytesBody(b"abc", "a/b"), TrailerMaker(lambda: {"X": "1"}), None)

    assert [b"abc"] == list(body.chunks())
    assert Headers({"X": "1"}) == body.trailers()
    assert ((), "a/b") == (body.trailer_names, body.content_type)
    assert 0 == len(BytesBody(b"abc").trailers())
    assert Body().file_span() is None


def test_pickling():
    """A trailed body goes through pickle as its source does."""
    body = TrailedBody(BytesBody(b"abc"), TrailerMaker({"X": "1"}), "sha-256")
    copy = pickle.loads(pickle.dumps(body))

    assert [b"abc"] == list(copy.chunks())
    assert ["X", "Content-Digest"] == list(copy.trailers())


@pytest.mark.parametrize(
    "name", ["Content-Length", "transfer-encoding", "HOST", "Authorization", "Trailer", "Expect"]
)
def test_fields_of_the_head_are_refused(name):
    """What must be known before the body cannot come after it (RFC 9110 section 6.5.1)."""
    with pytest.raises(InvalidHeaderError, match="must come before the body"):
        TrailerMaker({name: "1"})
    with pytest.raises(InvalidHeaderError, match="must come before the body"):
        TrailerMaker(lambda: {name: "1"}).make()


def test_wrong_values_of_functions_are_refused():
    """What a function returns is checked as what was given is."""
    with pytest.raises(InvalidHeaderError):
        TrailerMaker({"X": lambda: "a\nb"}).make()
    with pytest.raises(InvalidOptionError, match="of type list"):
        TrailerMaker([("X", "1")])


def test_unknown_algorithms_are_refused():
    """There are two algorithms that protect from anybody."""
    with pytest.raises(InvalidOptionError, match="give 'sha-256' or 'sha-512'"):
        content_hash("md5")
    assert digest_field("sha-256", content_hash("sha-256")).endswith("=:")
