# Source of _sync/engine/__init__.py; after editing run: tox -e codegen
"""The default transport: pool, connections and the HTTP/1.1 exchange."""
