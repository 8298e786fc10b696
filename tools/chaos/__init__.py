"""Chaos runs: callers, policies and a server that misbehaves. `python -m tools.chaos --help`."""
