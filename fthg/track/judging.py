"""Judges figures by the plan: thresholds, and the comparison with the baseline (pure)."""

from __future__ import annotations

from dataclasses import replace

from ..verdicts.baseline import compare
from ..verdicts.thresholds import judge
from .figures import Figures
from .plan import TrackPlan
from .vocabulary import COMPARED, VOCABULARY, named_figures


def judge_figures(figures: Figures, plan: TrackPlan) -> Figures:
    """Return the figures with verdicts, changes since the baseline, target and zone."""
    now = named_figures(figures)
    before = plan.baseline.figures if plan.baseline else None
    changes = compare(COMPARED, VOCABULARY, before, now) if before is not None else ()
    return replace(
        figures,
        sla=figures.sla and replace(figures.sla, target=plan.sla_target),
        thresholds=tuple(judge(plan.thresholds, now, before)),
        baseline=tuple(changes),
        zone=plan.zone,
        zone_name=plan.zone_name,
    )
