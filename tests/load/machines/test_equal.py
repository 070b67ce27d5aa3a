"""N slices of a run equal the whole, exactly, while no limit is reached."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from fthg.clock import SECOND
from fthg.load.outputs.summary_json import summary_json

from ..leaves import differing
from .divided import SEPTEMBER, Target, divided
from .equality import check_that_they_are_equal, written

EXAMPLES = int(os.environ.get("FTHG_TEST_EXAMPLES", "8"))
"""Hundreds make a longer search."""

PHASES = (Phase.explicit, Phase.reuse, Phase.generate)
"""To look for a smaller example takes minutes."""

END_OF_SUMMER_TIME = 1_792_890_000 * SECOND
"""25 October 2026, 01:00 UTC."""

MOMENTS = st.sampled_from([SEPTEMBER, END_OF_SUMMER_TIME - 5 * SECOND])

# --- random runs, of seconds and some files

SECONDS = st.integers(1, 70).map(lambda tenths: f"{tenths * 100}ms")
CONSTANT = st.builds("{}/{}s".format, st.integers(1, 12), st.integers(1, 3))
STEP = st.builds("{}/s for {}".format, st.integers(1, 9), SECONDS)
RAMP = st.builds("to {}/s over {}".format, st.integers(1, 9), SECONDS)
STAGES = st.lists(STEP | RAMP, max_size=3).map(lambda some: [*some, "3/s for 2s"])
DAY = st.just(
    {
        "day": {"00:00": "3/s", "15:34": "11/2s", "02:00": "7/s", "sun 03:00": "2/s"},
        "zone": "Europe/Berlin",
    }
)
REPLAY = st.just({"replay": "moments.csv", "column": "due"})
GENERATED = {"generate": {"size": "1 to 300", "name": "order-{seq}.dat"}}


def _consistent(keys: dict[str, Any]) -> dict[str, Any]:
    """Leave out what would be an error."""
    if isinstance(keys["files"], dict):
        keys = {**keys, "order": "name", "repeat": "loop"}
    if isinstance(keys["rate"], dict) and "replay" in keys["rate"]:
        keys = {**keys, "arrivals": "even"}
    return {key: value for key, value in keys.items() if value is not None}


JOBS = st.fixed_dictionaries(
    {
        "rate": CONSTANT | STAGES | DAY | REPLAY,
        "arrivals": st.sampled_from(["even", "poisson"]),
        "start_after": st.integers(0, 2_000).map(lambda ms: f"{ms}ms"),
        "duration": st.none() | SECONDS,
        "count": st.none() | st.integers(1, 40),
        "files": st.sampled_from(["files", GENERATED]),
        "repeat": st.sampled_from(["loop", "once"]),
        "order": st.sampled_from(["name", "mtime", "random"]),
    }
).map(_consistent)
PERIODS = st.lists(st.tuples(st.integers(0, 8), st.integers(1, 4)), max_size=2).map(
    lambda some: tuple((first, first + length) for first, length in some)
)
TARGETS = st.builds(
    Target,
    st.integers(0, 1000),
    away=PERIODS,
    slow=PERIODS,
    sometimes=st.sampled_from([0.0, 0.1, 0.9]),
)
# --- the law


@pytest.mark.parametrize(
    ("slices", "workers"), [(1, 4), (3, 1), (3, 4), (7, 1), (7, 4), (100, 1), (100, 4)]
)
def test_slices_and_workers_leave_what_one_process_does(slices: int, workers: int) -> None:
    examples = max(2, EXAMPLES * 8 // (slices * workers)) if slices == 100 else EXAMPLES

    @given(st.lists(JOBS, min_size=1, max_size=3), TARGETS, MOMENTS)
    @settings(max_examples=examples, deadline=None, phases=PHASES)
    def check(jobs: Sequence[Mapping[str, Any]], target: Target, utc: int) -> None:
        with tempfile.TemporaryDirectory() as directory:
            home = Path(directory)
            config = written(home, jobs)
            whole = divided(config, home / "whole", target=target, utc=utc)
            if not whole.lines():
                return
            parts = divided(config, home / "parts", slices, workers, target=target, utc=utc)
            check_that_they_are_equal(whole, parts)

    check()


@given(st.lists(JOBS, min_size=1, max_size=3), TARGETS, MOMENTS)
@settings(max_examples=EXAMPLES, deadline=None, phases=PHASES)
def test_the_merge_of_slices_says_what_one_process_said_itself(
    jobs: Sequence[Mapping[str, Any]], target: Target, utc: int
) -> None:
    with tempfile.TemporaryDirectory() as directory:
        home = Path(directory)
        config = written(home, jobs)
        whole = divided(config, home / "whole", target=target, utc=utc)
        if not whole.lines():
            return
        parts = divided(config, home / "parts", 3, target=target, utc=utc)
        assert whole.live is not None
        own, found = dict(summary_json(whole.live)), parts.figures()
        unlike = {place for place in differing(own, found) if not _is_of_reading(place)}
        assert unlike == set()
        assert found["total"]["missing"] == own["total"]["missing"] == 0


def _is_of_reading(place: tuple[Any, ...]) -> bool:
    """True for what results do not tell: when the run began, if no arrival was due then.

    On this clock a job whose arrivals are random ends with its last, not with its duration.
    """
    first, last = place[0], place[-1]
    if first == "thresholds":
        return last in ("found", "ok")  # that of achieved_rate
    return (
        first in ("started", "ended", "reason", "results_lost", "runs", "lines_left_out", "twice")
        or "series" in place
        or last in ("target_rate", "achieved_rate", "seconds")
    )
