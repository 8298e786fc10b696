"""One file a peer; only the worker that measures a peer imports its file."""
