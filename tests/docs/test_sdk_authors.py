"""What docs/sdk-authors.md shows is what the generator makes of it."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "sdk-authors.md"
BLOCK = re.compile(r"^```(?:python|toml)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def test_the_generator_makes_the_output_of_the_page(tmp_path: Path) -> None:
    """The page's source and table, laid out as it says, give the page's output; `--check` agrees."""
    source, table, output, _ = BLOCK.findall(PAGE.read_text(encoding="utf-8"))
    written = tmp_path / "src" / "orders" / "_async" / "api.py"
    written.parent.mkdir(parents=True)
    written.write_text(source, encoding="utf-8")
    (tmp_path / "unasync.toml").write_text(table, encoding="utf-8")
    command = [sys.executable, str(ROOT / "tools" / "unasync.py"), "--root", str(tmp_path)]
    command += ["--rules", str(tmp_path / "unasync.toml")]

    subprocess.run(command, check=True, timeout=30)

    generated = tmp_path / "src" / "orders" / "_sync" / "api.py"
    assert output == generated.read_text(encoding="utf-8")
    assert 0 == subprocess.run([*command, "--check"], check=False, timeout=30).returncode
