"""The laws that hold for every pacer."""

from __future__ import annotations

import pickle
from fractions import Fraction

from hypothesis import strategies as st

from fthg.clock import SECOND
from fthg.load.pacing import Continuous, Pacer

RATES = st.fractions(min_value=Fraction(1, 86_400), max_value=100_000, max_denominator=100_000)


def obeys_the_laws(pacer: Pacer, arrival: int, until: int) -> None:
    """Assert that due times never decrease, and that counts agree with them."""
    due, following = pacer.due(arrival), pacer.due(arrival + 1)
    if due is None:
        assert following is None
    elif following is not None:
        assert due <= following
    count = pacer.arrivals(until)
    if count is not None:
        last, first_after = pacer.due(count - 1) if count else None, pacer.due(count)
        assert last is None or last < until
        assert first_after is None or first_after >= until
    if due is not None and pacer.has_target:
        assert pacer.end is None or due < pacer.end
        _achieves_its_target(pacer, due)


def follows_its_integral(pacer: Pacer, arrival: int) -> None:
    """Assert that arrivals are due at the latest nanosecond at which the integral allows it."""
    assert isinstance(pacer, Continuous)
    due = pacer.due(arrival)
    assert due == pacer.moment(Fraction(arrival))
    if due is not None:
        assert pacer.due_between(0, due) <= arrival < pacer.due_between(0, due + 1)
    elif pacer.end is not None:
        assert pacer.due_between(0, pacer.end) <= arrival


def slices_partition(pacer: Pacer, arrivals: int, slices: int) -> None:
    """Assert that slices together have the due times of the whole, each asked by itself."""
    whole = [pacer.due(n) for n in range(arrivals)]
    copies = [pickle.loads(pickle.dumps(pacer)) for _ in range(slices)]
    parts = [(n, copies[k].due(n)) for k in range(slices) for n in range(k, arrivals, slices)]
    assert [due for _, due in sorted(parts, key=lambda part: part[0])] == whole


def _achieves_its_target(pacer: Pacer, due: int) -> None:
    """Assert that a job that has sent all that was due until now has achieved its target."""
    now = due + 1
    arrivals = pacer.arrivals(now)
    assert arrivals is not None
    achieved = arrivals / max(Fraction(now, SECOND), pacer.seconds(arrivals))
    assert achieved == pacer.mean_rate(now)
