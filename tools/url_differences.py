"""Where `antiphon.models.url.URL` differs from the WHATWG URL tests, as the lists of docs/urls.md.

    python tools/url_differences.py           write the lists into docs/urls.md
    python tools/url_differences.py --check   fail if they are not what is there

The folder of the tests comes from the environment variable ANTIPHON_CORPORA.
"""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING, NamedTuple

from antiphon.errors import InvalidURLError
from antiphon.models.origin import DEFAULT_PORTS
from antiphon.models.url import URL

if TYPE_CHECKING:
    from collections.abc import Iterator

DOCUMENT = Path(__file__).resolve().parents[1] / "docs" / "urls.md"
BEGIN = "<!-- differences: written by tools/url_differences.py -->\n"
END = "<!-- end of differences -->\n"


class Cause(NamedTuple):
    """A rule of ours that makes differences, and the inputs on which it does."""

    title: str
    reason: str
    fits: str


# In the order in which they are asked. A difference that fits none is a defect.
CAUSES = (
    Cause(
        "Control characters are refused",
        """
        WHATWG drops tab, CR and LF wherever they stand and all controls at both ends, and escapes
        the others. People do not write them: they are a mistake, or an attack on whoever reads the
        URL next.
        """,
        r"[\x00-\x1f\x7f]",
    ),
    Cause(
        "A backslash is refused outside query and fragment, and escaped there",
        """
        WHATWG reads it as `/`, RFC 3986 does not know it. A check of the host by one rule and a
        connection by the other would go to different servers.
        """,
        r"\\",
    ),
    Cause(
        "Two slashes follow the scheme",
        """
        In RFC 3986 `http:example.com` has a path and no host, and a reference with a scheme is
        never relative (section 5.2.2, strict). WHATWG finds a host in it, or resolves it against a
        base of the same scheme.
        """,
        "^https?:(?!//)",
    ),
    Cause(
        "A host stands between the second slash and the third",
        "In RFC 3986 the host of `///path` is empty. WHATWG skips any number of slashes.",
        "^///",
    ),
    Cause(
        "Port 0 is refused",
        "It is reserved (RFC 6335, section 6): nothing can listen there.",
        "^http://f:0+/",
    ),
    Cause(
        "A label of a host has 1 to 63 characters, a host at most 253",
        """
        DNS knows no others (RFC 1035, section 2.3.4), so they cannot be found. One dot at the end,
        which names the root, stays.
        """,
        r"^https?://(?:[^/]{254}|[^/]*[^./]{64}|\.|[^/]*\.\.)",
    ),
    Cause(
        "A host has the characters that RFC 3986 gives it",
        """
        They are letters, digits and ``-._~!$&'()*+,;=`` (section 3.2.2). The host is sent in a
        header and in the TLS handshake.
        """,
        '^http://!"',
    ),
    Cause(
        "A square bracket in a user name or password must be escaped",
        "RFC 3986, section 3.2.1; `urllib.parse` looks for an IPv6 address there.",
        r"^http://[^/]*[\[\]][^/]*@",
    ),
    Cause(
        "A `%` that starts no escape is sent as `%25`",
        """
        RFC 3986, section 2.4: a request line with a bare `%` is not valid, and servers may refuse
        it.
        """,
        "%(?![0-9A-Fa-f]{2})",
    ),
    Cause(
        "The hex digits of an escape are sent in upper case",
        "RFC 3986, section 6.2.2.1: the two spellings are one URL, and compare as equal.",
        "%(?:[a-f][0-9A-Fa-f]|[0-9A-F][a-f])",
    ),
    Cause(
        "What RFC 3986 does not allow is escaped",
        "WHATWG sends ``[ ] ^ | ` { }`` unescaped in places, and strict servers refuse them.",
        r"[\[\]^|`{}]",
    ),
    Cause(
        "An apostrophe in a query stays",
        "RFC 3986, section 2.2, allows it there; escaping it may change what it means.",
        "'",
    ),
)

_HTTP = re.compile(r"\s*https?:", re.IGNORECASE)


class Case(NamedTuple):
    """One test: what goes in, and the expected "host:port target", or "refused"."""

    text: str
    base: str | None
    expected: str


class Difference(NamedTuple):
    """A case on which we give something else."""

    case: Case
    given: str


def _http_cases(folder: Path) -> Iterator[Case]:
    """The cases whose result is an http or https URL, or that must fail and look like one."""
    for test in json.loads((folder / "wpt" / "urltestdata.json").read_text("utf-8")):
        if not isinstance(test, dict):
            continue
        text, base = test["input"], test.get("base")
        if "failure" in test:
            if _HTTP.match(text) or _HTTP.match(base or ""):
                yield Case(text, base, "refused")
        elif test["protocol"] in ("http:", "https:"):
            port = test["port"] or DEFAULT_PORTS[test["protocol"][:-1]]
            # Not pathname + search: that leaves out the ? of an empty query, which is sent.
            target = re.sub("^[^/]*//[^/]*", "", test["href"].partition("#")[0])
            yield Case(text, base, f"{test['hostname'].strip('[]')}:{port} {target}")


def url_cases(folder: Path) -> tuple[list[Case], list[Case]]:
    """Return the cases without a base, and those with one."""
    cases = list(_http_cases(folder))
    return [c for c in cases if c.base is None], [c for c in cases if c.base is not None]


def host_cases(folder: Path) -> list[Case]:
    """Return the tests of toascii.json, each host in a URL."""
    return [
        Case(
            f"https://{test['input']}/x",
            None,
            "refused" if test["output"] is None else f"{test['output']}:443 /x",
        )
        for test in json.loads((folder / "wpt" / "toascii.json").read_text("utf-8"))
        if isinstance(test, dict)
    ]


def escape_cases(folder: Path) -> list[Case]:
    """Return the UTF-8 tests of percent-encoding.json, each text in a query."""
    return [
        Case(f"https://x/?{test['input']}", None, f"x:443 /?{test['output']['utf-8']}")
        for test in json.loads((folder / "wpt" / "percent-encoding.json").read_text("utf-8"))
        if isinstance(test, dict)
    ]


def given(case: Case) -> str:
    """Return what antiphon makes of a case, in the form of `Case.expected`."""
    try:
        url = URL(case.text) if case.base is None else URL(case.base).join(case.text)
    except InvalidURLError:
        return "refused"
    return f"{url.host}:{url.port} {url.target}"


def differences(cases: list[Case]) -> list[Difference]:
    """Return the cases that come out otherwise than expected."""
    pairs = [Difference(case, given(case)) for case in cases]
    return [pair for pair in pairs if pair.given != pair.case.expected]


def cause_of(difference: Difference) -> str:
    """Return the title of the rule that makes a difference. Raises ValueError if none does."""
    for cause in CAUSES:
        if re.search(cause.fits, difference.case.text) is not None:
            return cause.title
    raise ValueError(f"no rule of ours explains {difference}")


def render(folder: Path) -> str:
    """Return all differences as Markdown, a list for each rule."""
    without_base, with_base = url_cases(folder)
    found = differences([*without_base, *with_base, *host_cases(folder), *escape_cases(folder)])
    lines: list[str] = []
    for cause in CAUSES:
        rows = [pair for pair in found if cause_of(pair) == cause.title]
        lines += [f"### {cause.title}", "", dedent(cause.reason).strip(), ""]
        lines += ["| input | base | WHATWG | antiphon |", "| --- | --- | --- | --- |"]
        lines += [*map(_row, rows), ""]
    return "\n".join(lines)


def _row(pair: Difference) -> str:
    case = pair.case
    cells = (case.text, case.base, case.expected, pair.given)
    return f"| {' | '.join(_cell(cell) for cell in cells)} |"


def _cell(text: str | None) -> str:
    if text is None or text == "refused":
        return text or ""
    # JSON, for controls and what cannot be told apart; a table cell takes neither | nor `.
    shown = json.dumps(text).replace("|", "\\u007c").replace("`", "\\u0060")
    return f"`{shown}`"


def listed(document: str) -> str:
    """Return the part of docs/urls.md that `render` writes."""
    return document.partition(BEGIN)[2].partition(END)[0]


def main(arguments: list[str]) -> int:
    """Write, check or count; return the exit code."""
    folder = Path(os.environ.get("ANTIPHON_CORPORA", ""))
    if not (folder / "wpt").is_dir():
        print("ANTIPHON_CORPORA names no folder with the WHATWG tests", file=sys.stderr)
        return 2
    document = DOCUMENT.read_text("utf-8")
    expected = render(folder)
    if arguments == ["--check"]:
        return 0 if listed(document) == expected else 1
    before, _, rest = document.partition(BEGIN)
    after = rest.partition(END)[2]
    DOCUMENT.write_text(before + BEGIN + expected + END + after, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
