"""HTTP authentication: fixed headers, digests and tokens."""
