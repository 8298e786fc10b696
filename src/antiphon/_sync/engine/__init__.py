# GENERATED from _async/engine/__init__.py by tools/unasync.py. Do not edit.
"""The default transport: pool, connections and the HTTP/1.1 exchange."""
