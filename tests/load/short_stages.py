"""Random stages for hypothesis: constant levels, ramps and pauses of some seconds."""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple, Optional

from hypothesis import strategies as st

from fthg.clock import SECOND
from fthg.load.pacing.stages import Stage, Stages


class _Shape(NamedTuple):
    ramp: bool
    level: Optional[int]  # None: max
    halves: int  # of a second


def _made(shapes: list[_Shape]) -> Stages:
    steps: list[Stage] = []
    before: Optional[Fraction] = Fraction(0)
    for ramp, level, halves in shapes:
        last = None if level is None else Fraction(level)
        first = before if ramp else last
        steps.append(Stage(f"stage {len(steps)}", halves * SECOND // 2, first, last))
        before = last
    return Stages(tuple(steps))


_levels = st.integers(0, 20)
_halves = st.integers(1, 20)
_constant = st.builds(_Shape, st.just(False), _levels, _halves)
_ramp = st.builds(_Shape, st.just(True), _levels, _halves)
_at_max = st.builds(_Shape, st.just(False), st.none(), _halves)

STAGES = st.lists(_constant | _ramp, min_size=1, max_size=5).map(_made)

STAGES_WITH_MAX = st.lists(_constant | _at_max, min_size=1, max_size=5).map(_made)
