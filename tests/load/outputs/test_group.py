from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Optional

from fthg.clock import SECOND
from fthg.errors import StartError
from fthg.load.outputs import Output, OutputGroup, Surroundings
from fthg.load.plan import Plan
from fthg.load.stats.outages import Outage
from fthg.load.stats.snapshot import RunSnapshot
from fthg.standstill import Standstill
from fthg.transfer import Result
from tests.fakes import FakeClock

from ..results_of import result
from ..snapshots import run_snapshot, running_job

PLAN = Plan("r", ())
OUTAGE = Outage("orders", 0, 1, None, {"refused": 20})


class Noted(Output):
    """Writes down what it receives, with the time."""

    def __init__(self, clock: FakeClock, interval: Optional[float] = None) -> None:
        self.interval = interval
        self.clock = clock
        self.seen: list[tuple[int, str]] = []

    @classmethod
    def make(cls, plan: Plan, around: Surroundings) -> None:
        """No plan asks for it."""

    def note(self, what: str) -> None:
        self.seen.append((self.clock.now() // SECOND, what))

    def start(self, plan: Plan) -> None:
        self.note(f"start {plan.run}")

    def record(self, results: Sequence[Result]) -> None:
        self.note(f"record {len(results)}")

    def outage(self, outage: Outage) -> None:
        self.note(f"outage {outage.job} {outage.failed}")

    def standstill(self, standstill: Standstill) -> None:
        self.note(f"standstill {standstill.dropped}")

    def tick(self, snapshot: RunSnapshot) -> None:
        self.note(f"tick {len(snapshot.jobs)}")

    def end(self, snapshot: RunSnapshot) -> None:
        self.note(f"end {len(snapshot.jobs)}")

    def reopen(self) -> None:
        self.note("reopen")


class Silent(Noted):
    """Wants snapshots alone."""

    record = Output.record


class Broken(Noted):
    """Raises at every call but the start."""

    def __init__(self, clock: FakeClock, error: Exception) -> None:
        super().__init__(clock, interval=1.0)
        self.error = error

    def note(self, what: str) -> None:
        super().note(what)
        if not what.startswith("start"):
            raise self.error


def snapshot() -> RunSnapshot:
    return run_snapshot(running_job())


def use(group: OutputGroup, clock: FakeClock) -> None:
    """Give a group a run of three seconds."""
    group.start(PLAN)
    with group.following(snapshot):
        group.outage(OUTAGE)
        group.standstill(Standstill(0, 1, 7, "unknown"))
        group.record((result(), result()))
        clock.sleep_until(clock.now() + 3 * SECOND + 600_000_000)
        group.reopen()
    group.end(snapshot)


def test_an_output_receives_everything_in_order_and_its_ticks_on_time() -> None:
    clock = FakeClock()
    output = Noted(clock, interval=1.0)
    use(OutputGroup([output], clock), clock)
    assert output.seen == [
        *((0, "start r"), (0, "outage orders 20"), (0, "standstill 7")),
        (0, "record 2"),
        *((1, "tick 1"), (2, "tick 1"), (3, "tick 1"), (3, "reopen"), (3, "end 1")),
    ]


def test_each_output_has_an_interval_of_its_own() -> None:
    clock = FakeClock()
    outputs = [Noted(clock, interval) for interval in (None, 0.25, 3.0)]
    use(OutputGroup(outputs, clock), clock)
    ticks = [sum(what == "tick 1" for _, what in output.seen) for output in outputs]
    assert ticks == [0, 14, 1]


def test_an_output_that_fails_is_left_out_and_disturbs_no_other() -> None:
    clock = FakeClock()
    broken, sound = Broken(clock, ZeroDivisionError()), Noted(clock, 1.0)
    group = OutputGroup([broken, sound], clock)
    use(group, clock)
    assert len(broken.seen) == 2
    assert len(sound.seen) == 9
    assert (group.errors, group.broken) == ([], True)


def test_an_output_that_cannot_write_is_tried_again_and_its_error_kept_once() -> None:
    clock = FakeClock()
    unable, sound = Broken(clock, StartError("the disk is full")), Noted(clock, 1.0)
    group = OutputGroup([unable, sound], clock)
    use(group, clock)
    assert [what for _, what in unable.seen] == [what for _, what in sound.seen]
    assert (group.errors, group.broken) == (["the disk is full"], False)


class Losing(Noted):
    """Loses a result at its end."""

    def end(self, snapshot: RunSnapshot) -> None:
        super().end(snapshot)
        self.lost += 1


def test_what_one_output_loses_at_its_end_is_known_to_those_after_it() -> None:
    clock = FakeClock()
    group = OutputGroup([Losing(clock), Noted(clock), Losing(clock)], clock)
    lost: list[int] = []

    def snapshots() -> RunSnapshot:
        lost.append(group.lost)
        return snapshot()

    group.end(snapshots)
    assert lost == [0, 1, 1]


def test_a_group_knows_whether_anybody_wants_results() -> None:
    clock = FakeClock()
    group = OutputGroup([Silent(clock)], clock)
    assert not group.records
    group.add_first(Noted(clock))
    assert group.records


class First(Noted):
    """Breaks if another has noted anything before it."""

    others: Sequence[object] = ()

    def record(self, results: Sequence[Result]) -> None:
        assert not self.others
        super().record(results)


def test_one_that_is_added_first_receives_results_before_the_others() -> None:
    clock = FakeClock()
    other, first = Noted(clock), First(clock)
    first.others = other.seen
    group = OutputGroup([other], clock)
    group.add_first(first)
    group.record((result(),))
    assert not group.broken
    assert first.seen == other.seen == [(0, "record 1")]


def test_what_outputs_have_lost_is_added_up_also_of_those_left_out() -> None:
    clock = FakeClock()
    outputs = [Noted(clock), Broken(clock, ZeroDivisionError())]
    for output in outputs:
        output.lost = 2
    group = OutputGroup(outputs, clock)
    use(group, clock)
    assert group.lost == 4


class Asking(Noted):
    """Asks for snapshots whenever it likes."""

    @contextmanager
    def live(self, snapshot: Callable[[], RunSnapshot]) -> Iterator[None]:
        self.note(f"live {len(snapshot().jobs)}")
        yield
        self.note("over")


def test_an_output_may_ask_for_snapshots_as_long_as_the_run_runs() -> None:
    asking = Asking(FakeClock())
    with OutputGroup([asking], asking.clock).following(lambda: run_snapshot(running_job())):
        assert asking.seen == [(0, "live 1")]
    assert [what for _, what in asking.seen] == ["live 1", "over"]
