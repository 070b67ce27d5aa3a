"""How files travel: one Sender a protocol."""
