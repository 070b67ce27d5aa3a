"""Tracking mode: two databases, one report; it begins in run.py."""
