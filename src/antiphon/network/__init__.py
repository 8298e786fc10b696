"""The doors to the network: the only code written twice by hand, and what both sides share."""
