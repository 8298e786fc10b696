# Source of _sync/steps/__init__.py; after editing run: tox -e codegen
"""One short loop per policy; each asks its brain in `policies/`."""
