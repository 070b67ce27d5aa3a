"""Random shapes of a rate, for hypothesis."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import strategies as st

from fthg.clock import SECOND
from fthg.load.pacing import Stages
from fthg.load.pacing.pieces import Piece
from fthg.load.pacing.stages import Stage

LEVELS = st.one_of(st.just(Fraction(0)), st.fractions(0, 4, max_denominator=1000))
LENGTHS = st.one_of(st.integers(1, 10), st.integers(1, 100 * SECOND))

PIECES = st.lists(st.builds(Piece, LENGTHS, LEVELS, LEVELS), min_size=1, max_size=5)


def stages(pieces: list[Piece]) -> Stages:
    """Stages without names."""
    return Stages(tuple(Stage("", *piece) for piece in pieces))


STAGES = PIECES.map(stages).filter(lambda made: bool(made.due_between(0, made.end)))
"""Up to five stages of at most 100 s and 4/s: levels, ramps, jumps and pauses that send some."""
