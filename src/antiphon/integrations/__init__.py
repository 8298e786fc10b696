"""Other libraries that antiphon plugs into, each behind an extra of its own."""
