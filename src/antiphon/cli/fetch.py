"""`antiphon URL`: one call, printed."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from antiphon import Client, Timeout, TLSConfig
from antiphon.cli import exit_codes
from antiphon.cli.waterfall import waterfall

if TYPE_CHECKING:
    from antiphon import ResponseStream
    from antiphon.cli.arguments import Arguments


def fetch(arguments: Arguments) -> int:
    """Make the call and print what came; returns the exit code. Raises `AntiphonError`."""
    tls = None if arguments.ca_file is None else TLSConfig(ca_file=arguments.ca_file)
    timeout = Timeout(total=arguments.timeout)
    headers = [] if arguments.content_type is None else [("Content-Type", arguments.content_type)]
    own = {name.lower() for name, _ in arguments.headers}
    headers = [line for line in headers if line[0].lower() not in own]
    with (
        Client(tls=tls, timeout=timeout, raise_for_status=False) as client,
        client.stream(
            arguments.method,
            arguments.url,
            headers=[*headers, *arguments.headers],
            content=arguments.content,
        ) as stream,
    ):
        _print_head(stream, body_only=arguments.output == "-")
        _print_body(stream, arguments.output)
        if arguments.timings:
            print(waterfall(stream.timings), file=sys.stderr)
        return exit_codes.of_status(stream.status)


def _print_head(stream: ResponseStream, *, body_only: bool) -> None:
    where = sys.stderr if body_only else sys.stdout
    print(f"{stream.http_version} {stream.status} {stream.reason}".rstrip(), file=where)
    for name, value in stream.headers.pairs:
        # Escaped, since a terminal obeys what it is sent.
        print(f"{name}: {_harmless(value)}", file=where)
    print(file=where)
    where.flush()


def _print_body(stream: ResponseStream, output: str | None) -> None:
    if output is not None and output != "-":
        size = stream.save(output, progress=True)
        print(f"{size} bytes written to {output}", file=sys.stderr)
        return
    terminal = sys.stdout.isatty()
    last = b"\n"
    for piece in stream.iter_bytes():
        if terminal and b"\0" in piece:
            print("(a binary body, not shown on a terminal; use -o FILE)", file=sys.stderr)
            return
        sys.stdout.buffer.write(piece)
        last = piece[-1:]
    if terminal and last != b"\n":
        sys.stdout.buffer.write(b"\n")
    sys.stdout.buffer.flush()


def _harmless(value: str) -> str:
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in value)
