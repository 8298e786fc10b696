"""The command line: `python -m tools.bench`."""

from __future__ import annotations

import argparse
import platform
import ssl
import subprocess
import sys
from pathlib import Path

from tools.bench import environments, machine, report
from tools.bench.cases import CASES, HELD_STREAMS, chosen_cases
from tools.bench.measure import Plan, measure
from tools.bench.results import Run, from_json, to_json
from tools.bench.roster import PEERS, Peer, chosen_peers
from tools.bench.server import nginx_program, serving


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        msg = f"{text} is not a positive number"
        raise argparse.ArgumentTypeError(msg)
    return number


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tools.bench",
        description="Measure antiphon and its peers in one run, over loopback only.",
        epilog=f"cases: {', '.join(case.name for case in CASES)}. "
        f"peers: {', '.join(peer.name for peer in PEERS)}.",
    )
    parser.add_argument(
        "--setup", action="store_true", help="make or update the peers' environments"
    )
    parser.add_argument("--cases", help="comma-separated; all by default")
    parser.add_argument("--peers", help="comma-separated; all by default")
    parser.add_argument("--repeats", type=_positive, default=5, help="rounds (default 5)")
    parser.add_argument(
        "--seconds", type=float, default=0.3, help="length of one round of one peer (default 0.3)"
    )
    parser.add_argument("--streams", type=_positive, default=HELD_STREAMS, help="streams held open")
    parser.add_argument("--server", choices=("auto", "nginx", "own"), default="auto")
    parser.add_argument(
        "--here", action="store_true", help="run every peer in this Python, not in its environment"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write everything found")
    parser.add_argument(
        "--from-json", type=Path, metavar="FILE", help="report an earlier run instead"
    )
    parser.add_argument(
        "--markdown", type=Path, metavar="FILE", help="write the tables between the marks of FILE"
    )
    return parser


def main(arguments: list[str] | None = None) -> int:
    """Run the bench; return 0, 1 when nothing could be measured, or 2 for a wrong argument."""
    parser = _parser()
    options = parser.parse_args(arguments)
    try:
        peers = chosen_peers(options.peers)
        cases = chosen_cases(options.cases)
    except ValueError as error:
        parser.error(str(error))
    if options.setup:
        return _setup(peers)
    if options.from_json:
        run = from_json(options.from_json.read_text(encoding="utf-8"))
        for found in run.cases:
            print(report.case_text(found))
    else:
        server_core, client_core = machine.cores()
        plan = Plan(options.repeats, options.seconds, client_core, options.here, options.streams)
        run = _described(options, peers)
        tls = any(case.tls for case in cases)
        try:
            with serving(options.server, tls=tls, core=server_core, here=options.here) as server:
                run.settings["server"] = _server_version(server.kind)
                for case in cases:
                    found = measure(case, peers, server, plan, _progress)
                    _progress("")
                    run.cases.append(found)
                    print(report.case_text(found), flush=True)
        except RuntimeError as error:
            print(f"bench: {error}", file=sys.stderr)
            return 1
    print(report.targets_text(run), end="")
    if options.json:
        options.json.write_text(to_json(run), encoding="utf-8")
    if options.markdown:
        page = options.markdown.read_text(encoding="utf-8")
        options.markdown.write_text(report.with_table(page, run), encoding="utf-8")
    return 0 if any(case.peers for case in run.cases) else 1


def _setup(peers: tuple[Peer, ...]) -> int:
    failed = environments.setup(peers)
    for peer, version in environments.versions(peers, here=False).items():
        print(f"{peer} {version}")
    for peer, reason in failed.items():
        print(f"{peer}: not installed: {reason}", file=sys.stderr)
    return 0


def _described(options: argparse.Namespace, peers: tuple[Peer, ...]) -> Run:
    words = [
        f"--{name} {getattr(options, name)}"
        for name in ("cases", "peers")
        if getattr(options, name)
    ]
    words += [f"--repeats {options.repeats}", f"--seconds {options.seconds:g}"]
    python = f"{platform.python_implementation()} {platform.python_version()}"
    return Run(
        command=" ".join(["python -m tools.bench", *words]),
        machine={**machine.description(), "python": python, "tls": ssl.OPENSSL_VERSION},
        versions=environments.versions(peers, here=options.here),
        settings={
            "repeats": options.repeats,
            "seconds": options.seconds,
            "streams": options.streams,
            "pinned": machine.cores() != (None, None),
        },
    )


def _server_version(kind: str) -> str:
    program = nginx_program()
    if kind != "nginx" or program is None:
        return "of the bench"
    done = subprocess.run([program, "-v"], capture_output=True, text=True, check=False)
    return done.stderr.partition(": ")[2].split(" ")[0].strip() or kind


def _progress(text: str) -> None:
    """Show what is being measured, on a terminal only."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[K{text}")
        sys.stderr.flush()
