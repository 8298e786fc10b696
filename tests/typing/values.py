"""What type checkers must make of the values. Checked by mypy and pyright; never run."""

from __future__ import annotations

from typing import assert_type

import antiphon

assert_type(antiphon.__version__, str)
