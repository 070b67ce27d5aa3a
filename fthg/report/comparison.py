"""The formats of figures that are compared with those of an earlier run (pure)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Callable, Optional

from ..units import show_duration, show_rate, show_size

_NONE = "–"


def show_value(value: Optional[float], unit: str) -> str:
    """Format a figure in its unit: count, share (0 to 1), time (seconds), size or rate."""
    return _NONE if value is None else _SHOW[unit](value)


def _share(value: float) -> str:
    # Truncated, as everywhere: only all is 100%.
    return f"{int(value * 10_000 + 1e-9) / 100:.2f}%".replace(".00%", "%")


_SHOW: Mapping[str, Callable[[float], str]] = MappingProxyType(
    {
        "count": lambda value: f"{int(value):,}",
        "share": _share,
        "time": show_duration,
        "size": show_size,
        "rate": show_rate,
    }
)


def show_change(change: Optional[float]) -> str:
    """Format a difference as `+12.5%`, `−3%` or `±0%`."""
    if change is None:
        return _NONE
    percent = f"{abs(change) * 100:.1f}".rstrip("0").rstrip(".")
    if percent == "0":
        return "±0%" if not change else ("+" if change > 0 else "−") + "<0.1%"
    return f"{'+' if change > 0 else '−'}{percent}%"
