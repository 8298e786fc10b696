"""Values: immutable classes without I/O, without a clock, and the same in both voices."""
