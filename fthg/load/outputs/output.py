"""The interface between a run and the outputs that show, count or write its results."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, nullcontext
from typing import Any, ClassVar, NamedTuple, Optional

from ...clock import Clock
from ...standstill import Standstill
from ...transfer import Result
from ...writing import OutputFile
from ...writing.terminal import Terminal
from ..plan import Plan
from ..stats.outages import Outage
from ..stats.snapshot import RunSnapshot


class Surroundings(NamedTuple):
    """The clock and terminals that outputs may use."""

    clock: Clock
    terminal: Terminal  # standard error
    progress: bool = False  # a live view, or status lines, are wanted
    summary: Optional[Terminal] = None  # where the summary is printed; None: nowhere
    every_job: bool = False  # the summary has all figures of every job
    config_files: Sequence[str] = ()  # that the plan is from
    configuration: str = ""  # the effective one as YAML, without secrets; empty: there is none


class Output(ABC):
    """A receiver of the results of a run. It never blocks and never raises into the run.

    A subclass defines `make` and those of the other methods that it needs.
    """

    keys: ClassVar[Mapping[Any, Any]] = {}
    """Its own keys of the section `run`: a voluptuous schema whose readers return text."""

    per_process: ClassVar[bool] = False
    """True: with several workers each has one of its own, for its own slice. False: one receives
    the results and snapshots of the whole run."""

    interval: Optional[float] = None
    """Seconds from one `tick` to the next; None: there are none."""

    lost: int = 0
    """Results that it could not write."""

    @classmethod
    def file(cls, plan: Plan) -> Optional[OutputFile]:  # noqa: ARG003
        """Return the file that it will write, which is checked before the start; None: none."""
        return None

    @classmethod
    def reserve(cls, plan: Plan, stack: ExitStack) -> None:
        """Keep open, until the stack closes, what several processes will open each.

        Raises StartError, once for all of them, if it cannot be opened.
        """

    @classmethod
    @abstractmethod
    def make(cls, plan: Plan, around: Surroundings) -> Optional[Output]:
        """Return the output that a plan asks for; None if it asks for none.

        `plan.outputs` has the values of `keys`. Raises StartError if it could not work. One that is
        not `per_process` opens nothing before its start: workers are forked in between.
        """

    def start(self, plan: Plan) -> None:
        """Prepare for the run, which starts now; StartError if it cannot."""

    def live(
        self,
        snapshot: Callable[[], RunSnapshot],  # noqa: ARG002
    ) -> AbstractContextManager[None]:
        """Return a context for the time from then on until every arrival has its outcome.

        Within it snapshots of the running run may be asked for at any time.
        """
        return nullcontext()

    def record(self, results: Sequence[Result]) -> None:
        """Receive some results, in the order in which they are known; one is usual."""

    def outage(self, outage: Outage) -> None:
        """Receive an outage that has begun (its end is None) or ended.

        In one process the result by which it did is recorded afterwards. With several workers an
        output of the whole run receives the outages of all workers together, up to a second late;
        one that is `per_process` receives those that it would have if its slice were all.
        """

    def standstill(self, standstill: Standstill) -> None:
        """Receive a standstill of this process that is over, after its dropped arrivals.

        With several workers only outputs of a process receive them; `snapshot.standstills` has
        those of the whole run.
        """

    def tick(self, snapshot: RunSnapshot) -> None:
        """Receive a snapshot of the running run; its metrics go on counting, so read it now."""

    def end(self, snapshot: RunSnapshot) -> None:
        """Receive the final snapshot, also if the run was cut, and close what is open.

        Raises StartError if something could not be written.
        """

    def hurry(self, seconds: float) -> None:
        """Wait no longer than that, in `end`, for a disk or a reader that hangs."""

    def reopen(self) -> None:
        """Open files again, after logrotate has moved them."""
