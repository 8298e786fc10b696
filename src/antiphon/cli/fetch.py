"""`antiphon URL`: one call, printed."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, TextIO

from antiphon import Client, Timeout, TLSConfig
from antiphon.cli import exit_codes
from antiphon.cli.waterfall import waterfall
from antiphon.models.progress_bar import ProgressBar

if TYPE_CHECKING:
    from antiphon import ResponseStream
    from antiphon.cli.arguments import Arguments


def fetch(arguments: Arguments) -> int:
    """Make the call and print what came; returns the exit code. Raises `AntiphonError`."""
    tls = None if arguments.ca_file is None else TLSConfig(ca_file=arguments.ca_file)
    timeout = Timeout(total=arguments.timeout)
    headers = list(arguments.headers)
    own = {name.lower() for name, _ in headers}
    if arguments.content_type is not None and "content-type" not in own:
        headers.append(("Content-Type", arguments.content_type))
    with (
        # No retries: what is printed, and timed, is the first answer.
        Client(tls=tls, timeout=timeout, retry=None, raise_for_status=False) as client,
        client.stream(
            arguments.method, arguments.url, headers=headers, content=arguments.content
        ) as stream,
    ):
        _print_head(stream, sys.stderr if arguments.output == "-" else sys.stdout)
        if arguments.output is None or arguments.output == "-":
            _print_body(stream)
        else:
            _save_body(stream, arguments.output)
        if arguments.timings:
            print(waterfall(stream.timings), file=sys.stderr)
        return exit_codes.of_status(stream.status)


def _print_head(stream: ResponseStream, where: TextIO) -> None:
    lines = [f"{stream.http_version} {stream.status} {stream.reason}".rstrip()]
    lines += [f"{name}: {value}" for name, value in stream.headers.pairs]
    for line in lines:
        print(_harmless(line, where.encoding), file=where)
    print(file=where, flush=True)


def _print_body(stream: ResponseStream) -> None:
    terminal = sys.stdout.isatty()
    out = sys.stdout.buffer
    last = b"\n"
    for piece in stream.iter_bytes():
        if terminal and b"\0" in piece:
            print("(a binary body, not shown on a terminal; use -o FILE)", file=sys.stderr)
            return
        out.write(piece)
        out.flush()  # whoever reads along sees it when it comes
        last = piece[-1:]
    if terminal and last != b"\n":
        out.write(b"\n")
        out.flush()


def _save_body(stream: ResponseStream, path: str) -> None:
    bar = ProgressBar()
    try:
        size = stream.save(path, progress=bar)
    finally:
        bar.finish()  # so that an error, too, gets a line of its own
    print(f"{size} bytes written to {path}", file=sys.stderr)


def _harmless(line: str, encoding: str) -> str:
    # Escaped, since a terminal obeys what it is sent, and since it may not know every character.
    shown = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in line)
    return shown.encode(encoding, "backslashreplace").decode(encoding)
