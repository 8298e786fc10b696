"""How `tox -e docs` builds these pages."""

from __future__ import annotations

project = "antiphon"
extensions = ["myst_parser"]
exclude_patterns = ["_build"]
html_theme = "alabaster"
html_theme_options = {"description": "An HTTP client with two voices"}
# `#some-heading` works as a link target, down to third-level headings.
myst_heading_anchors = 3
