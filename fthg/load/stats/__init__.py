"""Counts and measurements of transfers, in bounded memory."""
