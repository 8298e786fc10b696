"""Any bytes from a peer, thrown at everything that reads them; `python -m tests.fuzz` does it long."""
