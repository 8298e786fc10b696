"""The netrc file: which one, when it is read, and what cannot be read."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from antiphon.errors import InvalidOptionError
from antiphon.models.request import Request
from antiphon.models.url import URL
from antiphon.network import netrc_file
from antiphon.network.netrc_file import netrc_entries
from antiphon.policies.auth_netrc import NetrcAuth

TEXT = """\
machine api.example login ada password pw
machine half.example login bob
default login anonymous password me@example
"""


def test_entries(tmp_path: Path) -> None:
    """Login and password by host; what is missing is empty."""
    file = tmp_path / "netrc"
    file.write_text(TEXT)

    assert {
        "api.example": ("ada", "pw"),
        "half.example": ("bob", ""),
        "default": ("anonymous", "me@example"),
    } == netrc_entries(file)


def test_read_once_until_it_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file is read again when its time, its size or the file itself is another."""
    file = tmp_path / "netrc"
    file.write_text(TEXT)
    read: list[str] = []
    real = netrc_file._read
    monkeypatch.setattr(netrc_file, "_read", lambda path: read.append(path) or real(path))

    assert netrc_entries(file) == netrc_entries(os.fspath(file))
    assert 1 == len(read)
    os.utime(file, ns=(0, 0))
    netrc_entries(file)
    assert 2 == len(read)


def test_the_usual_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """NETRC names the file, else it is in the home directory; one that is not there is empty."""
    monkeypatch.setenv("HOME", os.fspath(tmp_path))
    monkeypatch.setenv("USERPROFILE", os.fspath(tmp_path))
    monkeypatch.delenv("NETRC", raising=False)
    assert {} == netrc_entries(None)

    (tmp_path / ".netrc").write_text("machine home.example login a password b\n")
    monkeypatch.setattr("sys.platform", "linux")
    assert ["home.example"] == list(netrc_entries(None))
    (tmp_path / "_netrc").write_text("machine windows.example login a password b\n")
    monkeypatch.setattr("sys.platform", "win32")
    assert ["windows.example"] == list(netrc_entries(None))
    (tmp_path / "other").write_text("machine named.example login a password b\n")
    monkeypatch.setenv("NETRC", "~/other")
    assert ["named.example"] == list(netrc_entries(None))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"machine a.example login ada\nhunter2 x\n", "is no netrc file, see its line 2"),
        (b"machine a.example login \xff\xfe password hunter2\n", "it is not UTF-8"),
    ],
)
def test_what_is_no_netrc_file(
    tmp_path: Path, content: bytes, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error names the file and the line, never what stands there."""
    monkeypatch.setattr("locale.getpreferredencoding", lambda *_: "utf-8")
    file = tmp_path / "netrc"
    file.write_bytes(content)

    with pytest.raises(InvalidOptionError, match=said) as caught:
        netrc_entries(file)

    assert "hunter2" not in str(caught.value)


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    """A file that was named has to be there, and to be a file."""
    with pytest.raises(InvalidOptionError, match="cannot be read: No such file"):
        netrc_entries(tmp_path / "missing")
    with pytest.raises(InvalidOptionError, match="cannot be read: Is a directory"):
        netrc_entries(tmp_path)


def test_few_files_are_kept(tmp_path: Path) -> None:
    """Memory is bounded, whatever the number of files."""
    for number in range(netrc_file._MOST_KEPT + 2):
        file = tmp_path / f"netrc{number}"
        file.write_text(TEXT)
        netrc_entries(file)

    assert len(netrc_file._kept) <= netrc_file._MOST_KEPT


@pytest.mark.parametrize("path", [3, b"netrc", ""])
def test_the_path_of_netrc_auth(path: Any) -> None:
    """A path is text or a Path."""
    with pytest.raises(InvalidOptionError, match="NetrcAuth"):
        NetrcAuth(path)


def test_the_case_of_a_host(tmp_path: Path) -> None:
    """A host is the same in whatever case it is written (RFC 3986 section 3.2.2)."""
    file = tmp_path / "netrc"
    file.write_text("machine API.Example login a password b\n")

    assert {"api.example": ("a", "b")} == netrc_entries(file)


def test_what_is_no_path() -> None:
    """A path that no file can have is refused as one that is not there."""
    with pytest.raises(InvalidOptionError, match="is no path: embedded null"):
        netrc_entries("a\0b")


def test_an_entry_that_basic_auth_cannot_send(tmp_path: Path) -> None:
    """The error says where the entry stands, and not what it is."""
    file = tmp_path / "netrc"
    file.write_text("machine a.example login hun:ter2 password hunter2\n")
    flow = NetrcAuth(file).auth_flow(Request("GET", URL("https://a.example/")))
    next(flow)

    with pytest.raises(InvalidOptionError, match="entry for a.example: has a colon") as caught:
        flow.send(netrc_entries(file))
    assert "ter2" not in str(caught.value)
