"""The loopback server: nginx where it is installed, else the bench's own."""

from __future__ import annotations

import os
import pwd
import select
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tools.bench.cases import DOWNLOAD_BYTES, KIB, MIB, SMALL_JSON, Case
from tools.bench.environments import ROOT, child_environ, environment_python
from tools.bench.machine import children_on

READY_SECONDS = 10.0


@dataclass(frozen=True)
class Server:
    """A running server. `ca_file` is None when no case asked for TLS."""

    kind: str
    http_port: int
    https_port: int
    ca_file: str | None

    def url(self, case: Case) -> str:
        """Return what `case` asks for."""
        if case.tls:
            return f"https://127.0.0.1:{self.https_port}{case.path}"
        return f"http://127.0.0.1:{self.http_port}{case.path}"


def nginx_program() -> str | None:
    """Return where nginx is, also where only root's PATH would find it."""
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")


@contextmanager
def serving(kind: str, *, tls: bool, core: int | None, here: bool) -> Iterator[Server]:
    """Run a server of `kind` ("auto", "nginx" or "own") on `core` while the block runs.

    Raises RuntimeError when it does not come up.
    """
    if kind == "auto":
        kind = "nginx" if nginx_program() else "own"
    with tempfile.TemporaryDirectory(prefix="antiphon-bench-") as name:
        place = Path(name)
        certificate = _make_certificate(place, here=here) if tls else None
        http_port, https_port, sink_port = _free_ports(3)
        if kind == "nginx":
            command = _nginx_command(place, http_port, https_port, sink_port, tls=tls)
        else:
            command = [
                sys.executable,
                "-m",
                "tools.bench.own_server",
                str(http_port),
                str(https_port),
            ]
            command += [str(place)] if tls else []
        with open(place / "server.log", "w") as log:
            with children_on(core):
                process = subprocess.Popen(
                    command,
                    cwd=ROOT,
                    env=child_environ(),
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                )
            try:
                _wait_until_up(process, http_port, place / "server.log")
                yield Server(kind, http_port, https_port, certificate)
            finally:
                process.terminate()
                process.wait()


def _make_certificate(place: Path, *, here: bool) -> str:
    python = sys.executable if here else environment_python("main")
    command = [python, "-m", "trustme", "-q", "-d", str(place), "-i", "127.0.0.1", "localhost"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        msg = f"trustme, which makes the certificate, failed (run --setup): {done.stderr[-300:]}"
        raise RuntimeError(msg)
    return str(place / "client.pem")


def _free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [int(sock.getsockname()[1]) for sock in sockets]
    for sock in sockets:
        sock.close()
    return ports


def _wait_until_up(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    give_up = time.monotonic() + READY_SECONDS
    while time.monotonic() < give_up and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1.0).close()
        except OSError:
            select.select([], [], [], 0.02)
        else:
            return
    msg = f"the server did not come up: {log.read_text()[-500:]}"
    raise RuntimeError(msg)


def _nginx_command(
    place: Path, http_port: int, https_port: int, sink_port: int, *, tls: bool
) -> list[str]:
    program = nginx_program()
    if program is None:
        msg = "nginx is not installed; --server own brings one"
        raise RuntimeError(msg)
    files = place / "files"
    files.mkdir()
    (files / "64k").write_bytes(os.urandom(64 * KIB))
    for name, size in (("100mb", DOWNLOAD_BYTES), ("slow", 16 * MIB)):
        with open(files / name, "wb") as file:
            file.truncate(size)
    config = place / "nginx.conf"
    config.write_text(
        _nginx_config(place, http_port, https_port if tls else None, sink_port), encoding="utf-8"
    )
    return [program, "-p", str(place), "-c", str(config), "-e", str(place / "nginx.log")]


def _nginx_config(place: Path, http_port: int, https_port: int | None, sink_port: int) -> str:
    # As root the worker would change to a user who cannot read the temporary directory.
    user = f"user {pwd.getpwuid(0).pw_name};" if os.geteuid() == 0 else ""
    small = SMALL_JSON.decode()
    listen = f"listen 127.0.0.1:{http_port} backlog=2048;"
    if https_port is not None:
        listen += f"""
        listen 127.0.0.1:{https_port} ssl backlog=2048;
        ssl_certificate {place}/server.pem;
        ssl_certificate_key {place}/server.key;
        ssl_protocols TLSv1.2 TLSv1.3;"""
    temporary = "\n".join(
        f"    {name}_temp_path {place}/{name}_temp;"
        for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    return f"""{user}
daemon off;
worker_processes 1;
worker_rlimit_nofile 8192;
pid {place}/nginx.pid;
error_log {place}/nginx.log warn;
events {{ worker_connections 4096; }}
http {{
{temporary}
    access_log off;
    default_type application/octet-stream;
    sendfile on;
    tcp_nodelay on;
    keepalive_timeout 600s;
    keepalive_requests 1000000000;
    open_file_cache max=16 inactive=600s;
    client_max_body_size 0;
    client_body_buffer_size 16m;
    server {{
        {listen}
        root {place}/files;
        location = /small.json {{ default_type application/json; return 200 '{small}'; }}
        location = /close/small.json {{
            default_type application/json;
            keepalive_timeout 0;
            return 200 '{small}';
        }}
        location = /slow {{ limit_rate 1k; }}
        # nginx answers `return` without having read the body; a proxy reads it whole first.
        location = /upload {{
            proxy_pass_request_body off;
            proxy_set_header Content-Length "";
            proxy_pass http://127.0.0.1:{sink_port};
        }}
    }}
    server {{
        listen 127.0.0.1:{sink_port};
        location / {{ return 200 'ok'; }}
    }}
}}
"""
