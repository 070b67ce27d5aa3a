"""A practice system on loopback to try fthg on."""
