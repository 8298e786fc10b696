"""`URL` against the WHATWG URL tests: what must fail, what must parse, and every difference."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import unquote

import pytest

from antiphon.errors import InvalidURLError
from antiphon.models.url import URL
from tools import url_differences

# As expected, of the cases without and with a base: docs/urls.md has how they were counted.
MUST_PARSE = (133, 114)
OURS = (91, 78)
HTTPX = (88, 70)
URLLIB3 = (90, 74)
MUST_FAIL = (147, 52)


@pytest.fixture
def corpora(request: pytest.FixtureRequest) -> Path:
    """Return the folder of the published tests, or skip."""
    folder: Path = request.getfixturevalue("ANTIPHON_CORPORA")
    return folder


@pytest.mark.parametrize("with_base", [0, 1])
def test_whatever_must_fail_is_refused(corpora, with_base):
    """Of the cases that must fail none passes, so every one that a peer refuses is among them."""
    cases = url_differences.url_cases(corpora)[with_base]
    bad = [case for case in cases if case.expected == "refused"]

    assert MUST_FAIL[with_base] == len(bad)
    assert [] == [case for case in bad if url_differences.given(case) != "refused"]


@pytest.mark.parametrize("with_base", [0, 1])
def test_what_must_parse_comes_out_as_often_as_with_peers(corpora, with_base):
    """Host, port and target are as expected at least as often as with the better of the peers."""
    cases = url_differences.url_cases(corpora)[with_base]
    good = [case for case in cases if case.expected != "refused"]
    same = [case for case in good if url_differences.given(case) == case.expected]

    assert MUST_PARSE[with_base] == len(good)
    assert OURS[with_base] == len(same)
    assert len(same) >= max(HTTPX[with_base], URLLIB3[with_base])


def test_every_difference_is_in_the_document(corpora):
    """docs/urls.md lists each difference under its cause, and nothing that is none."""
    document = url_differences.DOCUMENT.read_text("utf-8")
    written = url_differences.render(corpora)

    assert written == url_differences.listed(document)
    assert written.count("\n### ") + 1 == len(url_differences.CAUSES)
    assert "| --- |\n\n" not in written


def test_the_document_has_the_numbers_of_this_file():
    """The table of docs/urls.md says what these tests hold us to."""
    document = url_differences.DOCUMENT.read_text("utf-8")
    rows = [
        line
        for line in document.splitlines()
        if line.startswith(("| antiphon", "| httpx", "| urllib3"))
    ]
    counts = [tuple(int(row.split("|")[2]) for row in rows[first::3]) for first in range(3)]

    assert [OURS, HTTPX, URLLIB3] == counts


def test_user_names_and_passwords_are_those_of_the_tests(corpora):
    """Where we parse, user name and password are the decoded ones that WHATWG expects."""
    tests = json.loads((corpora / "wpt" / "urltestdata.json").read_text("utf-8"))
    seen = 0
    for test in tests:
        if (
            not isinstance(test, dict)
            or "failure" in test
            or test["protocol"] not in ("http:", "https:")
        ):
            continue
        try:
            url = (
                URL(test["input"])
                if test["base"] is None
                else URL(test["base"]).join(test["input"])
            )
        except InvalidURLError:
            continue
        seen += 1
        assert (unquote(test["username"]), unquote(test["password"])) == (
            url.username,
            url.password,
        )

    assert seen > 150
