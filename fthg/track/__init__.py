"""Tracking mode: two databases, one report."""
