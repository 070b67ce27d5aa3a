from __future__ import annotations

import io
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from rich.cells import cell_len
from rich.console import Console

from fthg.clock import SECOND
from fthg.load.baseline import Baseline
from fthg.load.outputs.summary import print_summary
from fthg.load.stats.outages import Outage, OutageList
from fthg.load.stats.snapshot import RunSnapshot
from fthg.peer import Peer
from fthg.transfer import Result

from ..results_of import MS, dropped, result
from ..snapshots import UTC, job_snapshot, limits, run_snapshot, senders, stages

BUSY = result(outcome="failed", code=503, error="status", detail="503 Service Unavailable")


def printed(
    run: RunSnapshot, encoding: str = "utf-8", *, every_job: bool = False, **options: Any
) -> str:
    raw = io.BytesIO()
    file = io.TextIOWrapper(raw, encoding=encoding)
    print_summary(run, Console(file=file, **options), every_job=every_job)
    file.flush()
    return raw.getvalue().decode(encoding)


def test_the_verdict_comes_first_and_the_overview_only_with_several_jobs() -> None:
    one = printed(run_snapshot(job_snapshot([result()]), thresholds=["ok == 1"]))
    assert one.splitlines()[1:6] == [
        "  █ run  r1",
        "",
        "    The only transfer was ok, and the threshold passed.",
        "",
        "    ✓ ok == 1  1",
    ]
    assert [line.split()[1] for line in one.splitlines() if "█ " in line] == ["run", "orders"]
    assert "    total" not in one
    two = printed(run_snapshot(*(job_snapshot([result()], name=name) for name in "ab")))
    blocks = [line.split()[1] for line in two.splitlines() if "█ " in line]
    assert blocks == ["run", "total"]
    assert [
        line.split()[:4] for line in two.splitlines() if line.startswith(("  ✓", "    tot"))
    ] == [
        ["✓", "a", "1", "1"],
        ["✓", "b", "1", "1"],
        ["total", "2", "2", "0"],
    ]


@pytest.mark.parametrize("names", [("a", "b"), ("注文データ送信", "請求書")])
def test_the_columns_of_the_table_stand_below_their_heads(names: tuple[str, str]) -> None:
    run = run_snapshot(*(job_snapshot([result()], name=name) for name in names))
    heads, *jobs, total = [
        line for line in printed(run).splitlines() if line.startswith(("    job", "  ✓", "    tot"))
    ]
    assert {cell_len(line) for line in (heads, *jobs, total)} == {cell_len(heads)}
    assert [line.split()[1] for line in jobs] == list(names)


def test_names_of_wide_characters_are_whole_beside_thresholds_and_failures() -> None:
    jobs = [job_snapshot([BUSY], name=f"注文{n}", limits=limits("ok > 0")) for n in range(30)]
    lines = printed(run_snapshot(*jobs)).splitlines()
    assert "    ✗ 注文0  ok > 0  0" in lines
    assert any(line.startswith("    注文0") for line in lines)
    assert not any("…文" in line for line in lines)


@pytest.mark.parametrize(
    ("threshold", "sign"), [("failed < 2", "✓"), ("ok > 0", "✓"), ("response_time p95 < 1s", "✗")]
)
def test_a_job_with_failures_is_fine_only_if_its_thresholds_accept_them(
    threshold: str, sign: str
) -> None:
    bad = job_snapshot([result(), BUSY], name="bad", limits=limits(threshold))
    lines = printed(run_snapshot(bad, job_snapshot([result()], name="good"))).splitlines()
    assert any(line.startswith(f"  {sign} bad ") for line in lines)


def test_a_terminal_of_one_column_is_no_error() -> None:
    run = run_snapshot(*(job_snapshot([result()], name=name) for name in "ab"))
    assert printed(run, width=1, force_terminal=True)


def test_with_v_every_job_has_its_block() -> None:
    run = run_snapshot(*(job_snapshot([result()], name=name) for name in "ab"))
    text = printed(run, every_job=True)
    assert [line.split()[1] for line in text.splitlines() if "█ " in line] == [
        "run", "a", "b", "total",
    ]  # fmt: skip


def test_jobs_with_failures_have_their_block_the_worst_first() -> None:
    good, bad = [result()] * 9, [result()] * 7 + [BUSY] * 2
    run = run_snapshot(
        job_snapshot(good, name="good"),
        job_snapshot(bad, name="bad"),
        job_snapshot([*good, BUSY], name="judged", limits=limits("ok > 10")),
    )
    text = printed(run)
    blocks = [line.split()[1] for line in text.splitlines() if "█ " in line]
    assert blocks == ["run", "total", "judged", "bad"]
    assert [line[:10] for line in text.splitlines() if line.startswith(("  ✗", "  ✓"))] == [
        "  ✓ good  ", "  ✗ bad   ", "  ✗ judged",
    ]  # fmt: skip


def sixty(*failing: int, **changes: Any) -> RunSnapshot:
    names = [f"very-long-name-of-a-customer-interface-number-{n:02}-emea" for n in range(60)]
    return run_snapshot(
        *(
            job_snapshot(
                [result(), BUSY if n in failing else result(), dropped()][: 2 + (n in failing)],
                name=name,
                limits=limits("failed < 1%", "response_time p95 < 1ms"),
            )
            for n, name in enumerate(names)
        ),
        outages=OutageList(tuple(out(n, 1, job=name) for n, name in enumerate(names))),
        cpu=1.95,
        **changes,
    )


@pytest.mark.parametrize("width", [40, 60, 80, 200])
@pytest.mark.parametrize("failing", [(), (7, 21), tuple(range(60))])
def test_sixty_jobs_fit_in_a_hundred_lines_of_any_terminal(
    failing: tuple[int, ...], width: int
) -> None:
    text = printed(sixty(*failing), force_terminal=True, color_system=None, width=width)
    lines = text.splitlines()
    assert len(lines) <= 100 or width < 60
    assert max(map(cell_len, lines)) <= width
    assert sum(line.startswith(("  ✗ very-", "  ✓ very-")) for line in lines) == 60
    assert "    total" in text
    if failing and width >= 80:
        assert "  █ failures  the worst jobs first" in text
        assert "503 Service" in text


def test_of_very_many_jobs_all_are_in_the_table_and_few_failures_below() -> None:
    for failing in ([], [BUSY]):
        jobs = [job_snapshot([result(), *failing], name=f"j{number}") for number in range(300)]
        text = printed(run_snapshot(*jobs))
        assert text.count("  ✓ j") + text.count("  ✗ j") == 300
        assert len(text.splitlines()) < 330


def test_names_are_cut_in_the_middle_so_that_they_differ() -> None:
    lines = printed(sixty(), width=80).splitlines()
    names = {line[4:38] for line in lines if line.startswith("  ✗ very-")}
    assert len(names) == 60
    assert all("…" in name for name in names)


def test_counts_stand_with_their_share_and_errors_with_what_was_said() -> None:
    text = printed(run_snapshot(job_snapshot([result()] * 996 + [BUSY] * 3 + [dropped()])))
    assert "    scheduled........: 1,000\n" in text
    assert "    started..........: 999          99.90%\n" in text
    assert "    ok...............: 996          99.60%\n" in text
    assert "      status.........: 3           503 Service Unavailable\n" in text
    assert "    codes............: 200 OK: 996, 503 Service Unavailable: 3\n" in text
    assert "    failures.........: " in text


def test_the_response_times_have_a_distribution_where_they_have_a_shape() -> None:
    alike = printed(run_snapshot(job_snapshot([result()] * 100)))
    assert "distribution" not in alike
    times = [result(end=SECOND + (1 + n * n) * MS) for n in range(100)]
    text = printed(run_snapshot(job_snapshot(times)))
    (line,) = (line for line in text.splitlines() if "distribution" in line)
    assert line.startswith("    distribution.....: █▄▃▃▂▂▂")
    assert line.endswith(" 1ms to 9.59s (p99)")


def test_addresses_stand_there_where_a_job_used_more_than_one() -> None:
    near, far = at("192.0.2.1:443"), at("[2001:db8::1]:443")
    one = run_snapshot(job_snapshot([near], name="a"), job_snapshot([far], name="b"))
    assert "addresses" not in printed(one)
    two = printed(run_snapshot(job_snapshot([near] * 2 + [far], name="a"), job_snapshot([far])))
    assert "    addresses........: 192.0.2.1: 2, 2001:db8::1: 2\n" in two  # of the total


def test_eight_addresses_fit_a_terminal() -> None:
    results = [at(f"192.0.2.{number}:443") for number in range(101, 109)] * 1200
    text = printed(run_snapshot(job_snapshot(results)))
    assert all(f"192.0.2.{number}: 1,200" in text for number in range(101, 109))
    assert max(map(len, text.splitlines())) <= 80


def test_the_heading_says_how_many_senders_there_are_or_the_most() -> None:
    for given, shown in (("5", "5 senders"), ("1 for 5s, to 5 over 5s", "up to 5 senders")):
        number = senders(given) if "for" in given else None
        job = job_snapshot([result()], open=False, limit=5, senders=number)
        assert f"  closed, {shown}, 10/s to https://" in printed(run_snapshot(job))


def test_the_heading_has_room_for_the_address_beside_many_stages() -> None:
    many = job_snapshot([result()], pacer=stages("10/s for 5s, to 100/s over 10s, 100/s for 30s"))
    assert "orders  open, 3 stages to https://ingress.example.com/upload\n" in printed(
        run_snapshot(many)
    )


def at(remote: str) -> Result:
    return result(peer=Peer(remote, 40_000, reused=False))


def test_nearly_all_is_never_rounded_up_to_all() -> None:
    text = printed(run_snapshot(job_snapshot([result()] * 19_999 + [dropped()])))
    assert "ok...............: 19,999       99.99%" in text
    assert "dropped..........: 1            <0.01%" in text


def test_times_stand_in_a_table() -> None:
    text = printed(run_snapshot(job_snapshot([result()])))
    assert "n    avg    min    med    max    p90    p95    p99" in text
    assert "service_time.....:        1   20ms   20ms" in text
    assert "lateness.........:        1    1ms    1ms" in text
    assert "  sending........:        1    5ms" in text
    assert "of failed" not in text


def test_times_of_failed_transfers_stand_apart_and_only_where_some_failed() -> None:
    late = BUSY._replace(end=601 * SECOND + MS, phases={"connecting": 600.0})
    text = printed(run_snapshot(job_snapshot([result(), late, late])), width=80)
    ok, failed = text.split("    of failed transfers\n")
    assert "service_time.....:        1   20ms   20ms" in ok
    assert "connecting" not in ok
    assert "service_time.....:        2 10m00s 10m00s" in failed
    assert "response_time....:        2 10m00s 10m00s" in failed
    assert "  connecting.....:        2 10m00s 10m00s" in failed
    assert "sending" not in failed


def test_figures_of_a_run_that_goes_on_are_marked_as_such() -> None:
    text = printed(run_snapshot(job_snapshot([result()]), reason="", running=True))
    assert "still running: figures so far" in text
    assert "as planned" not in text
    assert "ended" not in text


def test_a_job_that_sent_nothing_has_no_table() -> None:
    text = printed(run_snapshot(job_snapshot([])))
    assert "avg" not in text
    assert "scheduled........: 0" in text


def test_thresholds_are_shown_with_sign_and_value() -> None:
    text = printed(
        run_snapshot(
            job_snapshot([result()], limits=limits("failed < 1%", "service_time p95 < 1ms")),
            thresholds=["ok >= 1"],
        )
    )
    assert "    1 of 3 thresholds failed: service_time p95 < 1ms, found 20ms.\n" in text
    assert [line for line in text.splitlines() if line.startswith(("    ✗", "    ✓"))] == [
        "    ✗ service_time p95 < 1ms  20ms",
        "    ✓ failed < 1%             0.00%",
        "    ✓ ok >= 1                 1",
    ]


def test_hostile_text_cannot_drive_the_terminal() -> None:
    evil = "\x1b[2J\x9b2J\r\n[red]boo[/red]\u202e" + "x" * 500
    text = printed(
        run_snapshot(
            job_snapshot(
                [BUSY._replace(detail=evil, error="status")],
                name=f"job{evil}",
                url=f"http://{evil}",
            )
        )
    )
    assert "\x1b" not in text
    assert "\x9b" not in text
    assert "\u202e" not in text
    assert "[red]boo[/red]" in text


def test_no_line_is_wider_than_80_columns() -> None:
    late = result(start=60 * SECOND, end=90 * 60 * SECOND, phases={"authenticating": 3000.0})
    text = printed(
        run_snapshot(
            job_snapshot(
                [BUSY._replace(detail="d" * 300), late, dropped()],
                name="n" * 100,
                limits=limits("service_time p99 < 1s"),
            ),
            results_lost=10**9,
            reason="r" * 100,
        ),
        width=80,
    )
    assert max(len(line) for line in text.splitlines()) <= 80


def test_without_a_terminal_there_is_no_colour_and_on_one_there_is() -> None:
    run = run_snapshot(job_snapshot([BUSY]))
    assert "\x1b[" not in printed(run)
    assert "\x1b[" in printed(run, force_terminal=True, color_system="standard")


def test_a_terminal_without_unicode_gets_plain_signs() -> None:
    text = printed(run_snapshot(job_snapshot([result()], limits=limits("ok == 1"))), "latin-1")
    assert "# orders" in text
    assert "+ ok == 1  1" in text


def test_warnings_name_what_bounded_the_measurement() -> None:
    late = result(start=SECOND + 80 * MS, end=SECOND + 90 * MS)
    out = result(outcome="failed", error="descriptors", detail="too many open files")
    text = printed(run_snapshot(job_snapshot([late, out, dropped()]), cpu=1.95, results_lost=3))
    words = " ".join(text.split())
    assert "! fthg used 97.50% of one CPU core" in words
    assert "orders: fthg started transfers late (lateness p99 80ms)" in words
    assert "orders: 1 arrival was dropped, as 256 transfers were in flight" in words
    assert "raise `ulimit -n`" in words
    assert "3 lines of the results file could not be written" in words


def test_a_calm_run_has_no_warning() -> None:
    assert "!" not in printed(run_snapshot(job_snapshot([result()] * 10), cpu=0.5))
    short = run_snapshot(job_snapshot([result()]), ended=UTC + SECOND // 500, cpu=0.003)
    assert "!" not in printed(short)


# --- outages


def out(start: float, seconds: float, ended: bool = True, job: str = "orders") -> Outage:
    began, over = round(start * SECOND), round((start + seconds) * SECOND)
    return Outage(job, began, over, over if ended else None, {"refused": 8390, "reset": 10})


def test_outages_are_a_block_of_their_own_and_none_is_no_block() -> None:
    assert "outages" not in printed(run_snapshot(job_snapshot([result()])))
    seen = OutageList((out(0.5, 42.1)._replace(kinds={"refused": 8400}), out(60, 3, ended=False)))
    text = printed(run_snapshot(job_snapshot([result()]), outages=seen), width=80)
    at = datetime.fromtimestamp(UTC // SECOND).strftime("%H:%M:")
    block = text[text.index("outages") :].splitlines()
    assert block[0] == "outages  2, 1 not recovered (✗)"
    assert block[2] == "                           from  lasted  failed"
    assert block[3] == f"    orders...........: {at}00   42.1s    8400  refused"
    assert block[4].endswith("      3s    8400  ✗ refused 8390, reset 10")
    assert max(map(len, block)) <= 80


def test_of_many_outages_the_longest_are_listed_and_the_others_counted() -> None:
    seen = OutageList(tuple(out(10 * number, number) for number in range(1, 51)), 37)
    text = printed(run_snapshot(job_snapshot([result()]), outages=seen))
    assert "█ outages  87\n" in text
    assert "    and..............: 67          that were shorter\n" in text
    assert [row.split()[2] for row in text.splitlines() if "8390" in row] == [
        f"{seconds}s" for seconds in range(31, 51)
    ]


def test_in_a_run_of_days_an_outage_has_its_day() -> None:
    week = 7 * 86_400
    seen = OutageList((out(3 * 86_400, 7200),))
    text = printed(run_snapshot(job_snapshot([result()]), ended=UTC + week * SECOND, outages=seen))
    day = datetime.fromtimestamp(UTC // SECOND + 3 * 86_400).strftime("%m-%d %H:%M")
    row = next(line for line in text.splitlines() if day in line)
    head = text.splitlines()[text.splitlines().index(row) - 1]
    assert row == f"    orders...........: {day}  2h 00m    8400  refused 8390, reset 10"
    assert (head.index("from") + 4, head.index("failed") + 6) == (34, 50)


def test_the_name_of_a_job_is_cut_rather_than_the_columns_moved() -> None:
    seen = OutageList((out(0, 5, job="a-job-with-a-very-long-name"), out(1, 5, job="b")))
    rows = printed(run_snapshot(job_snapshot([result()]), outages=seen)).splitlines()
    first, second = (row for row in rows if "8390" in row)
    assert first.index("8400") == second.index("8400")


def test_a_baseline_is_compared_below_the_findings() -> None:
    run = run_snapshot(job_snapshot([result()] * 9 + [BUSY]))
    figures = {"": run.figures.total, "orders": run.figures.jobs["orders"]}
    text = printed(replace(run, plan=replace(run.plan, baseline=Baseline("b.json", figures))))
    assert [line.split() for line in text.splitlines() if "before" in line or "failed..." in line][
        :2
    ] == [
        ["baseline", "before", "now", "change"],
        ["failed.............:", "10.00%", "10.00%", "0.00", "pp"],
    ]
