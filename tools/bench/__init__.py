"""The benchmark of antiphon against its peers; run `python -m tools.bench --help`."""
