"""The figures of a running run for Prometheus, to be scraped or in a file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, ClassVar, Optional

from ....clock import Clock
from ....config.schema import key
from ....log import Masks
from ....writing import BoundedFile, OutputFile
from ...plan import Plan
from ...stats.outages import Outage
from ...stats.snapshot import RunSnapshot
from ..output import Output, Surroundings
from .endpoint import Endpoint
from .figures import Figures
from .place import Address, metrics_place, read_place
from .processes import ProcessFigures
from .turns import in_turns

_PERIOD = 15.0  # seconds from one file to the next: as often as Prometheus usually scrapes
_IO_TIMEOUT = 5.0  # seconds for the last file, however long its disk takes


class PrometheusOutput(Output):
    """Shows the figures so far in Prometheus' text format; see docs/metrics.md."""

    keys: ClassVar[Mapping[Any, Any]] = {
        key("metrics", "figures for Prometheus: [HOST:]PORT, or FILE.prom"): metrics_place
    }

    def __init__(self, plan: Plan, clock: Clock) -> None:
        self._clock = clock
        self._figures = Figures(plan, Masks(plan.secrets))

    @classmethod
    def file(cls, plan: Plan) -> Optional[OutputFile]:
        """Return the file of `run.metrics`, if it is one."""
        place = read_place(plan.outputs.get("metrics", ""))
        path = place if isinstance(place, str) else None
        return OutputFile("run.metrics", path or None, only_file=True)

    @classmethod
    def make(cls, plan: Plan, around: Surroundings) -> Optional[PrometheusOutput]:
        """Return what serves or writes them; StartError if the address cannot be listened on."""
        place = read_place(plan.outputs.get("metrics", ""))
        if not place:
            return None
        if isinstance(place, str):
            return MetricsFile(plan, around.clock, place)
        Endpoint(place, around.clock).check()
        return MetricsEndpoint(plan, around.clock, place)

    def outage(self, outage: Outage) -> None:
        """Count it."""
        self._figures.outage(outage)

    def _text(self, snapshot: RunSnapshot, extra: str = "") -> str:
        """Return the text; other greenlets run meanwhile, so it is not of one instant."""
        lines = (self._figures.job(snapshot, job) for job in snapshot.jobs)
        jobs = list(in_turns(lines, self._clock))
        return self._figures.text(snapshot, jobs) + extra


class MetricsFile(PrometheusOutput):
    """A file that is replaced every 15 s and at the end, for node_exporter's textfile collector.

    Without `process_*`, which node_exporter reports about itself: it would refuse all files.
    """

    interval = _PERIOD

    def __init__(self, plan: Plan, clock: Clock, path: str) -> None:
        super().__init__(plan, clock)
        self._file = BoundedFile(path)
        self._timeout = _IO_TIMEOUT

    def start(self, plan: Plan) -> None:  # noqa: ARG002 - all is known
        """Start the thread that will write the file."""
        self._file.start()

    def tick(self, snapshot: RunSnapshot) -> None:
        """Replace the file, unless its disk has not taken the text before."""
        self._file.offer(self._text(snapshot))

    def hurry(self, seconds: float) -> None:
        """Wait no longer than that for the last file."""
        self._timeout = min(self._timeout, seconds)

    def end(self, snapshot: RunSnapshot) -> None:
        """Write the final figures; StartError if that fails, or takes too long."""
        jobs = [self._figures.job(snapshot, job) for job in snapshot.jobs]
        self._file.write(self._figures.text(snapshot, jobs), self._timeout)


class MetricsEndpoint(PrometheusOutput):
    """An address that serves them from the start of the run to its end."""

    def __init__(self, plan: Plan, clock: Clock, address: Address) -> None:
        super().__init__(plan, clock)
        self._endpoint = Endpoint(address, clock)
        self._processes = ProcessFigures()

    def start(self, plan: Plan) -> None:  # noqa: ARG002 - all is known
        """Listen on the address; StartError if that fails."""
        self._endpoint.listen()

    @contextmanager
    def live(self, snapshot: Callable[[], RunSnapshot]) -> Iterator[None]:
        """Serve the figures within the block."""
        with self._endpoint.serving(lambda: self._text(snapshot(), self._processes.text())):
            yield
