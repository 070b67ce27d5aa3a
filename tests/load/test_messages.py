from __future__ import annotations

import pickle

from fthg.load.run import JobPart
from fthg.load.stats.metrics import Metrics
from fthg.transfer import Result


def test_slices_joined_have_the_figures_of_the_whole() -> None:
    whole, parts = Metrics(0), [Metrics(0), Metrics(0)]
    for seq in range(100):
        result = Result("j", seq, "u", "f", 1, "ok", seq, seq + 1, seq + 5, 200, bytes=7)
        whole.record(result)
        parts[seq % 2].record(result)
    sent = [pickle.loads(pickle.dumps(JobPart("running", 1.0, 2, part))) for part in parts]
    both = sent[0].joined(sent[1]._replace(state="done", dispatching=3.0))
    assert (both.state, both.dispatching, both.in_flight) == ("running", 3.0, 4)
    assert both.metrics.figures(None, 0.0) == whole.figures(None, 0.0)
