"""One module for each family of content codings (RFC 9110 section 8.4.1)."""
