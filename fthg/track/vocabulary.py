"""The figures of a period by name: for thresholds, and from the summary of an earlier run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any, Optional

from ..verdicts.baseline import Baseline, known_figures, read_summary
from ..verdicts.thresholds import TIME_STATS, Vocabulary
from ..verdicts.thresholds import Figures as Named
from .figures import Figures, Spread
from .tracked import SECOND

_DECIDED = ("passed", "failed", "timeout")
_OTHERS = ("in_progress", "pending", "unpaired")

VOCABULARY = Vocabulary(
    units={
        **dict.fromkeys(("transfers", *_DECIDED, *_OTHERS, "missing", "unexpected"), "count"),
        "pass_rate": "share",
        "sla": "share",
        "transit": "time",
    },
    wholes={
        **dict.fromkeys(_DECIDED, "decided"),
        **dict.fromkeys((*_OTHERS, "unexpected"), "transfers"),
        "missing": "accepted",
    },
    examples=("pass_rate >= 99%", "unpaired == 0", "transit p95 < 60s"),
)
"""The figures that thresholds of tracking mode may name."""

COMPARED: Mapping[str, int] = {
    "transfers": 0,
    "pass_rate": -1,
    "failed": 1,
    "timeout": 1,
    "unpaired": 1,
    "missing": 1,
    "sla": -1,
    "transit p50": 1,
    "transit p95": 1,
    "transit p99": 1,
}
"""The figures that are compared with a baseline, and whether more (1) or less (-1) is worse."""


def named_figures(figures: Figures) -> Named:
    """Return the figures of a period by name, shares exact, times in seconds."""
    counts, sla, sent = figures.counts, figures.sla, figures.sent
    return {
        **{name: getattr(counts, name) for name in ("transfers", "decided", *_DECIDED, *_OTHERS)},
        "pass_rate": _share(counts.passed, counts.decided),
        "sla": _share(sla.within, sla.due) if sla else None,
        "transit": transit_seconds(figures.transit),
        "accepted": sent and sent.accepted,
        "missing": sent and sent.missing.total,
        "unexpected": sent and sent.unexpected.total,
    }


def _share(part: int, whole: int) -> Optional[Fraction]:
    return Fraction(part, whole) if whole else None


def transit_seconds(spread: Optional[Spread]) -> Mapping[str, Optional[float]]:
    """Return the statistics of a duration, in seconds, None without values."""
    if spread is None:
        return dict.fromkeys(TIME_STATS)
    found: dict[str, Optional[float]] = {
        name: getattr(spread, name) / SECOND for name in TIME_STATS
    }
    found["mean"] = spread.total / (spread.count * SECOND)
    return found


def read_baseline(path: str) -> Baseline:
    """Read the summary of an earlier tracking run; ValueError says what is wrong."""
    summary = read_summary(path, "track")
    try:
        return Baseline(path, known_figures(_flat(summary), VOCABULARY))
    except ValueError as error:
        raise ValueError(f"{path} is no summary of fthg --track: {error}") from None


def _flat(summary: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the figures of a summary as the vocabulary names them."""
    unpaired, sla, sent = (summary.get(name) or {} for name in ("unpaired", "sla", "sent"))
    if not all(isinstance(one, dict) for one in (unpaired, sla, sent)):
        raise ValueError("unpaired, sla and sent must be mappings")
    return {
        **summary,
        "decided": _sum(summary, _DECIDED),
        "accepted": sent.get("accepted"),
        "unpaired": _sum(unpaired, ("ingress", "egress")),
        "sla": _ratio(sla.get("within"), sla.get("due")),
        "missing": sent.get("missing"),
        "unexpected": sent.get("unexpected"),
    }


def _sum(counted: Mapping[str, Any], names: Sequence[str]) -> Any:
    counts = [counted.get(name) for name in names]
    return sum(counts) if all(isinstance(count, int) for count in counts) else None


def _ratio(part: Any, whole: Any) -> Optional[float]:
    return part / whole if isinstance(part, int) and isinstance(whole, int) and whole else None
