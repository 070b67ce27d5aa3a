"""Authentication by HTTP: fixed headers, digests and tokens."""
