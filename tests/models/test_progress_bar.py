"""The progress bar of `save`."""

from __future__ import annotations

import io

import pytest

from antiphon.models.progress_bar import ProgressBar, human_size


class Terminal(io.StringIO):
    """What `sys.stderr` is when people sit before it."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("count", "shown"),
    [(0, "0 B"), (1023, "1023 B"), (1024, "1.0 KiB"), (1536, "1.5 KiB"), (5 << 50, "5120.0 TiB")],
)
def test_sizes(count: int, shown: str) -> None:
    """Sizes are in units of 1,024."""
    assert shown == human_size(count)


def test_a_bar_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Known totals draw a bar, unknown ones a count; the same line is not drawn twice."""
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    bar = ProgressBar()
    bar(512, 1024)
    bar(512, 1024)
    bar(2048, None)
    bar.finish()

    first, second = terminal.getvalue().removesuffix("\n").split("\r")[1:]
    assert f"[{'#' * 15}{'-' * 15}]  50%  512 B / 1.0 KiB" == first
    assert "2.0 KiB" == second.rstrip()


def test_no_bar_elsewhere(capsys: pytest.CaptureFixture[str]) -> None:
    """Where standard error is no terminal nothing is drawn."""
    bar = ProgressBar()
    bar(1, 2)
    bar.finish()

    assert "" == capsys.readouterr().err
