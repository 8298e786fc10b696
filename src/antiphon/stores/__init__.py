"""Stores of a cache that do I/O: on disk, and in Redis. One in memory is in `policies/`."""
