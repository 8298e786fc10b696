"""Settings and pure decisions: no I/O, no clock, no flavour; one value serves both voices."""
