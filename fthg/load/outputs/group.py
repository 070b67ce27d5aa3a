"""Several outputs as one, of which a broken one disturbs neither the run nor the others."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager

import gevent

from ...clock import SECOND, Clock
from ...errors import FthgError
from ...log import Log
from ...standstill import Standstill
from ...transfer import Result
from ..plan import Plan
from ..stats.outages import Outage
from ..stats.snapshot import RunSnapshot
from .output import Output

_log = Log(__name__)


class OutputGroup:
    """Passes everything on to each of its outputs, in order.

    An output that could not write (FthgError) is in `errors`; it is tried again at its next tick.
    One that raises anything else is `broken`, and receives nothing any more.
    """

    def __init__(self, outputs: Sequence[Output], clock: Clock) -> None:
        self._clock = clock
        self._all = list(outputs)
        self._outputs = list(outputs)
        self._recorders = [one for one in outputs if _records(one)]
        self._errors: dict[str, None] = {}
        self.broken = False

    def add_first(self, output: Output) -> None:
        """Add one more before the first result: it receives each before the others do."""
        self._all.insert(0, output)
        self._outputs.insert(0, output)
        self._recorders[:0] = [output] if _records(output) else []

    @property
    def errors(self) -> Sequence[str]:
        """The errors of outputs that could not be written, each once."""
        return list(self._errors)

    @property
    def records(self) -> bool:
        """True if one of them wants results, not snapshots alone."""
        return bool(self._recorders)

    @property
    def lost(self) -> int:
        """Results that could not be written."""
        return sum(one.lost for one in self._all)

    def start(self, plan: Plan) -> None:
        """Start all; StartError if one cannot."""
        for one in self._outputs:
            one.start(plan)

    def record(self, results: Sequence[Result]) -> None:
        """Pass results on to the outputs that want them."""
        for one in self._recorders:
            try:
                one.record(results)
            except Exception as error:  # noqa: BLE001 - see the class
                self._failed(one, error)

    def outage(self, outage: Outage) -> None:
        """Pass on the beginning or end of an outage."""
        self._each(lambda one: one.outage(outage))

    def standstill(self, standstill: Standstill) -> None:
        """Pass on a standstill that is over."""
        self._each(lambda one: one.standstill(standstill))

    def end(self, snapshot: Callable[[], RunSnapshot]) -> None:
        """End all; what one of them has lost at its end is in the snapshots of those after it."""
        self._each(lambda one: one.end(snapshot()))

    def hurry(self, seconds: float) -> None:
        """Shorten the wait of each for hanging files at its end; any thread may call it."""
        for one in self._all:
            one.hurry(seconds)

    def reopen(self) -> None:
        """Reopen the files of all."""
        self._each(lambda one: one.reopen())

    @contextmanager
    def following(self, snapshot: Callable[[], RunSnapshot]) -> Iterator[None]:
        """Give each output its ticks, and snapshots on request, within the block."""
        tickers = [
            gevent.spawn(self._tick, one, one.interval, snapshot)
            for one in self._outputs
            if one.interval is not None
        ]
        try:
            with ExitStack() as stack:
                for one in self._outputs:
                    stack.enter_context(one.live(snapshot))
                yield
        finally:
            gevent.killall(tickers)

    def _tick(self, one: Output, interval: float, snapshot: Callable[[], RunSnapshot]) -> None:
        due = self._clock.now()
        while one in self._outputs:
            due = max(due + round(interval * SECOND), self._clock.now())
            self._clock.sleep_until(due)
            try:
                one.tick(snapshot())
            except Exception as error:  # noqa: BLE001 - see the class
                self._failed(one, error)

    def _each(self, act: Callable[[Output], None]) -> None:
        for one in list(self._outputs):
            try:
                act(one)
            except Exception as error:  # noqa: BLE001 - see the class
                self._failed(one, error)

    def _failed(self, one: Output, error: Exception) -> None:
        if isinstance(error, FthgError):
            self._errors[str(error)] = None
            return
        self._outputs = [other for other in self._outputs if other is not one]
        self._recorders = [other for other in self._recorders if other is not one]
        self.broken = True
        _log.error("an output failed; it is left out", output=type(one).__name__, error=error)
        _log.debug("where it happened", exc_info=error)


def _records(output: Output) -> bool:
    return type(output).record is not Output.record
