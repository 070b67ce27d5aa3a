"""Random stages: constant rates, ramps and pauses of some seconds."""

from __future__ import annotations

from hypothesis import strategies as st

from fthg.config.tree import Text
from fthg.load.pacing.stages import Stages

_rate = st.integers(0, 20)
_seconds = st.integers(1, 20).map(lambda halves: halves * 500)
_constant = st.builds(lambda rate, length: f"{rate}/s for {length}ms", _rate, _seconds)
_ramp = st.builds(lambda rate, length: f"to {rate}/s over {length}ms", _rate, _seconds)
_AT_MAX = _seconds.map(lambda length: f"max for {length}ms")


def _read(texts: list[str]) -> Stages:
    read = Stages.read(Text(", ".join(texts)))
    assert read is not None
    return read


STAGES = st.lists(_constant | _ramp, min_size=1, max_size=5).map(_read)

STAGES_WITH_MAX = st.lists(_constant | _AT_MAX, min_size=1, max_size=5).map(_read)
