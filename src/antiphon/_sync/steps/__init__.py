# GENERATED from _async/steps/__init__.py by tools/unasync.py. Do not edit.
"""One short loop per policy; each asks its brain in `policies/`."""
