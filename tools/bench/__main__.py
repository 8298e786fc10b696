"""Entry of `python -m tools.bench`."""

from __future__ import annotations

import signal
import sys

from tools.bench.cli import main

# By default SIGTERM ends Python at once, and would leave the server running.
signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
raise SystemExit(main())
