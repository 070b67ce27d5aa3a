"""Summaries compared figure by figure."""

from __future__ import annotations

from typing import Any


def leaves(tree: Any, *path: object) -> dict[tuple[object, ...], Any]:
    """Every figure of a summary, by its place."""
    if not isinstance(tree, (dict, list)):
        return {path: tree}
    found = {}
    for key, inner in tree.items() if isinstance(tree, dict) else enumerate(tree):
        found.update(leaves(inner, *path, key))
    return found


def differing(own: Any, retold: Any) -> set[tuple[object, ...]]:
    """The places of what differs by more than the microsecond to which moments are written."""
    left, right = leaves(own), leaves(retold)
    return {
        place
        for place in left.keys() | right.keys()
        if not alike(left.get(place, "nothing"), right.get(place, "nothing"))
    }


def alike(left: Any, right: Any) -> bool:
    if isinstance(left, float) and isinstance(right, float):
        return abs(left - right) < 2e-6
    return bool(left == right)
