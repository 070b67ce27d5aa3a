from __future__ import annotations

from fthg.load.outputs.relay import Backlog

from ..results_of import result


def test_results_wait_in_bounded_memory_and_lost_ones_are_counted() -> None:
    backlog = Backlog(most=100_000)
    made = [result(seq=seq, detail="x" * 900) for seq in range(1000)]
    for one in made:
        backlog.add((one,))
    results, lost = backlog.take()
    assert 40 < len(results) < 60
    assert results == made[: len(results)]
    assert lost == 1000 - len(results)
    assert backlog.errors == [
        f"{lost} results of a worker were lost: its parent took none for too long"
    ]


def test_once_they_are_taken_there_is_room_again() -> None:
    backlog = Backlog(most=100_000)
    for _ in range(20):
        made = [result(seq=seq) for seq in range(50)]
        backlog.add(made)
        assert backlog.take() == (made, 0)
    assert backlog.errors == []
