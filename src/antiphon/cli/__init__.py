"""The command line: `antiphon URL`, `antiphon demo`."""
