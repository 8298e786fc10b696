"""How often httpx and urllib3 agree with the WHATWG URL tests, beside antiphon.

    python tools/url_peers.py

Both must be installed; ANTIPHON_CORPORA names the folder of the tests. docs/urls.md has the result.
"""

from __future__ import annotations

import os
from importlib.metadata import version
from pathlib import Path
from urllib.parse import urljoin

import httpx
from urllib3.util import parse_url

from antiphon.models.origin import DEFAULT_PORTS
from tools.url_differences import Case, given, url_cases


def with_httpx(case: Case) -> str:
    """Return what httpx makes of a case; joins are `URL.join`."""
    try:
        url = httpx.URL(case.text) if case.base is None else httpx.URL(case.base).join(case.text)
        port = DEFAULT_PORTS[url.scheme] if url.port is None else url.port
        host, target = url.raw_host.decode("ascii"), url.raw_path.decode("ascii")
    except Exception:
        return "refused"
    return f"{host}:{port} {target}" if host else "refused"


def with_urllib3(case: Case) -> str:
    """Return what urllib3 makes of a case; joins are `urljoin`, which it follows redirects by."""
    try:
        url = parse_url(case.text if case.base is None else urljoin(case.base, case.text))
        port = DEFAULT_PORTS[url.scheme or ""] if url.port is None else url.port
    except Exception:
        return "refused"
    return f"{url.host.strip('[]')}:{port} {url.request_uri}" if url.host else "refused"


def main() -> None:
    """Print the counts."""
    parsers = {
        "antiphon": given,
        f"httpx {version('httpx')}": with_httpx,
        f"urllib3 {version('urllib3')}": with_urllib3,
    }
    folder = Path(os.environ["ANTIPHON_CORPORA"])
    for what, cases in zip(("without base", "with base"), url_cases(folder), strict=True):
        bad = [case for case in cases if case.expected == "refused"]
        good = [case for case in cases if case.expected != "refused"]
        print(f"{what}: {len(good)} must parse, {len(bad)} must fail")
        refused = []
        for name, parse in parsers.items():
            same = sum(parse(case) == case.expected for case in good)
            refused.append({case for case in bad if parse(case) == "refused"})
            print(f"  {name}: {same} as expected, {len(refused[-1])} refused")
        ours, *theirs = refused
        union = set().union(*theirs)
        print(f"  both peers together: {len(union)} refused, {len(union - ours)} of them not by us")


if __name__ == "__main__":
    main()
