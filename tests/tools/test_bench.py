"""The bench: its arithmetic, what it refuses, and one tiny run of it. No speed is asserted."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from tools.bench import environments, policies, report
from tools.bench.cases import CASES, TARGETS, Target, chosen_cases
from tools.bench.cli import main
from tools.bench.results import CaseResult, PeerResult, Run, from_json, reached, to_json
from tools.bench.roster import PEERS, chosen_peers
from tools.bench.server import nginx_program

posix_only = pytest.mark.skipif(sys.platform == "win32", reason="the bench needs getrusage")


def sample_run() -> Run:
    """A run in which the machine was twice as slow in the second repeat, for everyone."""
    case = CaseResult(
        "small_sync",
        "small JSON GET",
        "us",
        "requests/s",
        peers={
            "antiphon": PeerResult(costs=[40.0, 80.0, 40.0], rates=[10.0, 5.0, 10.0]),
            "urllib3": PeerResult(costs=[100.0, 200.0, 100.0], rates=[4.0, 2.0, 4.0]),
            "floor": PeerResult(costs=[20.0, 40.0, 20.0], rates=[20.0, 10.0, 20.0]),
        },
        failed={"primp": "No module named 'primp'"},
    )
    machine: dict[str, object] = {
        "processor": "a processor",
        "cores": 2,
        "system": "Linux",
        "architecture": "x86_64",
        "python": "CPython 3.11",
        "tls": "OpenSSL 3",
        "load_before": 0.5,
    }
    settings: dict[str, object] = {"server": "nginx/1.0", "repeats": 3}
    return Run("python -m tools.bench", machine, {"urllib3": "2.8.0"}, settings, [case])


def test_ratios_are_taken_inside_each_repeat() -> None:
    """A machine that slows down for everyone alike changes no ratio."""
    case = sample_run().cases[0]

    assert case.cost_ratio("antiphon", "urllib3") == pytest.approx(0.4)
    assert case.rate_ratio("antiphon", "floor") == pytest.approx(0.5)


def test_ratio_of_a_peer_that_was_not_measured_is_none() -> None:
    """A ratio needs both sides."""
    case = sample_run().cases[0]

    assert case.cost_ratio("antiphon", "primp") is None
    assert case.cost_ratio("primp", "floor") is None


@pytest.mark.parametrize(
    ("target", "ratio", "expected"),
    [
        (Target("c", "p", "cost", 0.4), 0.4, True),
        (Target("c", "p", "cost", 0.4), 0.41, False),
        (Target("c", "p", "rate", 0.9), 0.9, True),
        (Target("c", "p", "rate", 0.9), 0.89, False),
    ],
)
def test_a_cost_is_bounded_above_and_a_rate_below(
    target: Target, ratio: float, expected: bool
) -> None:
    """A target is reached at its bound, and beyond it on the side that is better."""
    assert expected == reached(target, ratio)


def test_json_gives_the_run_back() -> None:
    """What `--json` writes, `--from-json` reads."""
    assert sample_run() == from_json(to_json(sample_run()))


def test_json_carries_the_derived_numbers() -> None:
    """A reader of the JSON needs no arithmetic of its own."""
    document = json.loads(to_json(sample_run()))
    urllib3 = document["cases"][0]["peers"]["urllib3"]

    assert (100.0, 4.0) == (urllib3["cost"], urllib3["rate"])
    assert urllib3["antiphon_of_it"] == pytest.approx(0.4)
    assert urllib3["of_floor"] == pytest.approx(5.0)
    assert [("urllib3", True)] == [(t["peer"], t["reached"]) for t in document["targets"]]


def test_text_names_who_was_not_measured_and_why() -> None:
    """A peer that fails is in the report, not left out of it."""
    text = report.case_text(sample_run().cases[0])

    assert "primp: not measured: No module named 'primp'" in text


def test_text_lists_the_cheapest_first() -> None:
    """The rows are ordered by cost."""
    lines = report.case_text(sample_run().cases[0]).splitlines()

    assert ["floor", "antiphon", "urllib3"] == [line.split()[0] for line in lines[2:5]]


def test_tables_replace_what_stands_between_the_marks() -> None:
    """The rest of the page stays, and writing twice is writing once."""
    page = f"before\n{report.BEGIN}\nold\n{report.END}\nafter\n"

    once = report.with_table(page, sample_run())

    assert once.startswith("before\n")
    assert once.endswith("\nafter\n")
    assert "old" not in once
    assert "| urllib3 | 100 |" in once
    assert once == report.with_table(once, sample_run())


def test_page_without_marks_is_refused() -> None:
    """A page is never written over."""
    with pytest.raises(ValueError, match="no marks"):
        report.with_table("a page", sample_run())


def test_performance_page_has_the_marks() -> None:
    """The page that the tables are written to can take them."""
    page = environments.ROOT / "docs" / "performance.md"

    assert report.BEGIN in page.read_text(encoding="utf-8")


def test_targets_name_cases_and_peers_that_exist() -> None:
    """A target that nothing measures could never be missed."""
    cases = {case.name: case for case in CASES}
    peers = {peer.name: peer for peer in PEERS}

    assert all(peers[target.peer].joins(cases[target.case]) for target in TARGETS)


def test_every_peer_has_a_file() -> None:
    """What the roster lists, a worker can load."""
    home = environments.ROOT / "tools" / "bench" / "peers"

    assert all((home / f"{peer.name}.py").exists() for peer in PEERS)


@pytest.mark.parametrize("choose", [chosen_cases, chosen_peers])
def test_unknown_name_is_refused_with_the_known_ones(choose: object) -> None:
    """A mistyped name is an error, not an empty run."""
    assert callable(choose)

    with pytest.raises(ValueError, match=r"unknown \w+ 'nothing'; known: \w+, "):
        choose("nothing")


def test_environment_of_a_peer_is_without_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the shell says of proxies and certificates does not reach a measured client."""
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.invalid")
    monkeypatch.setenv("http_proxy", "http://proxy.invalid")
    monkeypatch.setenv("SSL_CERT_FILE", "nowhere.pem")

    environ = environments.child_environ()

    assert not {"HTTPS_PROXY", "http_proxy", "SSL_CERT_FILE"} & environ.keys()


SERVERS = [
    "own",
    pytest.param(
        "nginx", marks=pytest.mark.skipif(nginx_program() is None, reason="nginx is not installed")
    ),
]


@posix_only
@pytest.mark.parametrize("server", SERVERS)
def test_tiny_run(server: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """The harness measures antiphon and the floor in both voices, over plain HTTP and TLS."""
    found = tmp_path / "run.json"
    both = ["antiphon", "floor"]
    expected = {
        "small_sync": both,
        "small_async": both,
        "connect_async": both,
        "upload_sync": both,
        "streams_sync": both,
        "first_get": ["antiphon"],
    }
    what = ["--cases", ",".join(expected), "--peers", "antiphon,floor", "--server", server]
    tiny = ["--here", "--repeats", "1", "--seconds", "0.01", "--streams", "3"]

    ended = main([*what, *tiny, "--json", str(found)])

    run = from_json(found.read_text(encoding="utf-8"))
    assert [] == [case.failed for case in run.cases if case.failed]
    assert expected == {case.name: sorted(case.peers) for case in run.cases}
    assert 0 == ended
    assert "small_sync: small JSON GET" in capfd.readouterr().out


def test_the_table_of_policies() -> None:
    """A policy's cost is the median of its rounds, each beside the plain client's in that round."""
    costs = {"none": [10e-6, 20e-6, 10e-6], "Cache": [15e-6, 30e-6, 16e-6]}

    assert 6.0 == pytest.approx(policies.added(costs, "Cache"))
    assert 1.5 == pytest.approx(policies.share(costs, "Cache"))
    assert "| Cache | +6.0 | 1.50 | +6.0 | 1.50 |" in policies.table(costs, costs)
    page = f"before\n{policies.BEGIN}\nold\n{policies.END}\nafter\n"
    assert f"before\n{policies.BEGIN}\n\nnew\n{policies.END}\nafter\n" == policies.with_table(
        page, "new"
    )
    with pytest.raises(ValueError, match="no marks"):
        policies.with_table("before", "new")
    assert ["b", "c", "a"] == policies.turned(["a", "b", "c"], 4)
