"""Measurements that are run by hand: they take minutes and judge nothing."""
