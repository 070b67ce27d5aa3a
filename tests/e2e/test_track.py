"""Tracking mode from the command line to the report, over two real databases."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as Xml

import pytest

from tests.faults.events.disks import small_disk
from tests.servers import free_port
from tests.servers.hung_disk import hung_disk
from tests.servers.mariadb import PASSWORD, USER, MariaDB, mariadb
from tests.unread_pipe import unread_pipe
from tests.writing import private_dev

from .program import cut, end, figures, fthg, start

UUIDS = [f"0000000{n}-1111-2222-3333-444444444444" for n in range(4)]


@pytest.fixture(scope="module")
def server() -> Iterator[MariaDB]:
    """Run one server that holds both databases."""
    with mariadb() as running:
        yield running


@pytest.fixture
def config(server: MariaDB, tmp_path: Path) -> Path:
    for side in ("ingress", "egress"):
        server.schema(side)
    (tmp_path / "jobs.yaml").write_text(f"""
jobs: {{}}
track:
  ingress: "mysql://{USER}:{PASSWORD}@127.0.0.1:{server.port}/ingress"
  egress: "mysql://{USER}:{PASSWORD}@127.0.0.1:{server.port}/egress"
  from: now-1h
  grace: 1s
""")
    (tmp_path / "jobs.yaml").chmod(0o640)
    return tmp_path


def arrive(server: MariaDB, side: str, uuid: str) -> None:
    server.run(
        f"INSERT INTO {side}.transfers VALUES "
        "(%s, 'a.xml', UTC_TIMESTAMP() - INTERVAL 5 MINUTE, UTC_TIMESTAMP(), 'SUCCESS')",
        (uuid,),
        zone="+00:00",
    )


def wait_for(path: Path) -> None:
    """Return once a file exists; fail after 30 seconds."""
    limit = time.monotonic() + 30
    while not path.exists():
        assert time.monotonic() < limit
        time.sleep(0.1)


def test_all_that_passed_is_status_0_and_the_report_is_there(config: Path, server: MariaDB) -> None:
    for uuid in UUIDS:
        arrive(server, "ingress", uuid)
        arrive(server, "egress", uuid.upper())
    outputs = ["-o", "r-{date}.html", "--summary", "s.json", "--csv", "a.csv"]
    done = fthg("--track", "-c", "jobs.yaml", *outputs, cwd=config)
    assert done.status == 0, done.err
    assert figures(config / "s.json")["passed"] == 4
    (report,) = config.glob("r-20*.html")
    assert report.stat().st_mode & 0o777 == 0o640
    assert PASSWORD not in report.read_text()
    assert len((config / "a.csv").read_text().splitlines()) == 5


def test_a_row_without_partner_is_status_5(config: Path, server: MariaDB) -> None:
    arrive(server, "ingress", UUIDS[0])
    time.sleep(1.5)
    done = fthg("--track", "-c", "jobs.yaml", "--once", "--summary", "s.json", cwd=config)
    assert done.status == 5, done.err
    assert figures(config / "s.json")["unpaired"] == {"ingress": 1, "egress": 0}


def test_a_signal_ends_polling_with_a_last_report(config: Path, server: MariaDB) -> None:
    process = start(
        "--track", "-c", "jobs.yaml", "--to", "now+1h", "--poll", "1s", "--summary", "s.json",
        cwd=config,
    )  # fmt: skip
    wait_for(config / "s.json")
    arrive(server, "ingress", UUIDS[0])
    arrive(server, "egress", UUIDS[0])
    process.send_signal(signal.SIGTERM)
    done = end(process)
    assert done.status == 0, done.err
    assert figures(config / "s.json")["passed"] == 1


def test_the_first_signal_says_what_is_still_done_and_what_a_second_one_does(
    config: Path, server: MariaDB
) -> None:
    words = ["--to", "now+1h", "--poll", "60s", "--summary", "s.json"]
    process = start("--track", "-c", "jobs.yaml", *words, cwd=config)
    wait_for(config / "s.json")
    time.sleep(1)  # it waits for the next poll
    process.send_signal(signal.SIGINT)
    done = end(process)
    assert done.status == 0, done.err
    assert "stopping after one more poll; again to stop at once" in done.err
    assert figures(config / "s.json")["state"] == "ended_early"


def test_two_signals_end_tracking_within_5_s_while_a_reader_hangs(
    config: Path, server: MariaDB
) -> None:
    with unread_pipe(config / "a.csv", room=0):
        words = ["--once", "--csv", "a.csv", "--summary", "s.json", "-o", "r.html"]
        process = start("--track", "-c", "jobs.yaml", *words, cwd=config)
        time.sleep(4)  # it hangs
        done, seconds = cut(process)
    assert (done.status, seconds < 5) == (130, True), done.err
    assert "stopping after this poll: writing a.csv, r.html, s.json" in done.err
    assert not list(config.glob(".fthg*"))


def test_two_signals_end_tracking_within_5_s_on_a_disk_that_hangs(
    config: Path, server: MariaDB
) -> None:
    with hung_disk(config) as disk:
        words = ["--to", "now+1h", "--poll", "200ms", "--summary", "disk/s.json"]
        process = start("--track", "-c", "jobs.yaml", *words, cwd=config)
        wait_for(disk.behind / "s.json")
        disk.hang("write")
        arrive(server, "ingress", UUIDS[0])
        time.sleep(3)  # it hangs
        done, seconds = cut(process)
        assert (done.status, seconds < 5) == (130, True), done.err
        assert figures(disk.behind / "s.json")["transfers"] == 0


def test_a_full_disk_under_the_ledger_is_one_message_and_leaves_the_last_report(
    config: Path, server: MariaDB
) -> None:
    with small_disk(config / "disk", "512k"):
        words = ["--to", "now+1h", "--poll", "200ms", "--summary", "s.json"]
        process = start("--track", "-c", "jobs.yaml", *words, "--ledger", "disk/l", cwd=config)
        wait_for(config / "s.json")
        server.run(
            "INSERT INTO ingress.transfers SELECT UUID(), 'a', UTC_TIMESTAMP() - INTERVAL 1 MINUTE,"
            " NULL, NULL FROM ingress.seq_1_to_9000",
            zone="+00:00",
        )
        done = end(process)
    assert done.status == 3, done.err
    last = done.err.splitlines()[-1]
    assert last.startswith("fthg: the ledger disk/l cannot be written: ")
    assert "full; free some space" in last
    assert "unexpected" not in done.err
    assert "Traceback" not in done.err
    assert figures(config / "s.json")["state"] == "running"


def test_a_database_that_is_not_there_is_status_4_and_one_message(config: Path) -> None:
    port = free_port()
    done = fthg(
        "--track", "-c", "jobs.yaml", "--once", "-o", "r.html",
        "--set", f"track.egress=mysql://fthg:geheim@127.0.0.1:{port}/e", cwd=config,
    )  # fmt: skip
    assert done.status == 4, done.err
    (line,) = done.err.splitlines()
    for word in ("egress", "127.0.0.1", "2003"):
        assert word in line
    assert "geheim" not in done.err + done.out
    assert not (config / "r.html").exists()


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (["-o", "no/r.html"], 3, "no/r.html"),
        (["-o", "r.html", "--from", "yesterday-ish"], 2, "is not a point in time"),
        (["-o", "r.html", "--from", "now", "--to", "-1h"], 2, "is not before"),
        ([], 2, "nothing would be written"),
        (["-o", "r.html", "--sent", "missing.jsonl"], 3, "missing.jsonl"),
    ],
)
def test_what_cannot_be_tracked_is_one_clear_message(
    config: Path, words: list[str], status: int, said: str
) -> None:
    done = fthg("--track", "-c", "jobs.yaml", "--once", *words, cwd=config)
    assert (done.status, done.out) == (status, ""), done.err
    assert said in done.err
    assert "Traceback" not in done.err


def test_a_check_touches_no_database(config: Path) -> None:
    nowhere = "track.ingress=mysql://u:geheim@no-such-host.invalid/d"
    done = fthg(
        "--track", "-c", "jobs.yaml", "--check", "-o", "r.html", "--set", nowhere, cwd=config
    )
    assert done.status == 0, done.err
    assert "no-such-host.invalid" in done.out
    assert "geheim" not in done.out + done.err


def test_what_is_open_now_is_followed_until_it_has_ended_or_the_grace_is_over(
    config: Path, server: MariaDB
) -> None:
    arrive(server, "ingress", UUIDS[0])
    arrive(server, "egress", UUIDS[0])
    server.run("UPDATE egress.transfers SET endTime = NULL, status = NULL")
    process = start(
        "--track", "-c", "jobs.yaml", "--grace", "20s", "--poll", "500ms", "--summary", "s.json",
        cwd=config,
    )  # fmt: skip
    wait_for(config / "s.json")
    assert figures(config / "s.json")["in_progress"] == 1
    server.run("UPDATE egress.transfers SET endTime = startTime, status = 'SUCCESS'")
    done = end(process)
    assert done.status == 0, done.err
    assert figures(config / "s.json")["passed"] == 1


@pytest.mark.parametrize("size", ["4k", "1m", "2m"])
@pytest.mark.parametrize("words", [(), ("--ledger", "disk/l")], ids=["temporary", "named"])
def test_a_disk_that_fills_up_while_both_sides_are_read_is_one_message(
    config: Path, server: MariaDB, size: str, words: tuple[str, ...]
) -> None:
    """Nothing but the first error is said, though the other side is being written, too."""
    _arrive_in(server, 3, 20_000)
    (config / "a.csv").write_text("an earlier one")
    with small_disk(config / "disk", size):
        given = ["--once", "--summary", "s.json", "--csv", "a.csv", "-o", "r.html", *words]
        place = {"TMPDIR": str(config / "disk")}
        done = fthg("--track", "-c", "jobs.yaml", *given, cwd=config, env=None if words else place)
        left = sorted(path.name for path in (config / "disk").iterdir())
    name = "the ledger disk/l" if words else f"the temporary ledger in {config}/disk"
    (said,) = done.err.splitlines()
    assert said.startswith(f"fthg: {name} cannot be written: database or disk is full; free some")
    assert (done.status, left) == (3, ["l"] if words else [])
    assert (config / "a.csv").read_text() == "an earlier one"
    assert not (config / "s.json").exists()
    assert not list(config.glob(".fthg.*"))


def test_a_disk_that_fills_up_while_the_files_are_written_keeps_the_last_ones(
    config: Path, server: MariaDB
) -> None:
    """The CSV, which its own process writes, and the page; the summary is elsewhere."""
    _arrive_in(server, 3, 5000)
    with small_disk(config / "disk", "512k"):
        for name in ("a.csv", "r.html"):
            (config / "disk" / name).write_text("an earlier one" * 1000)
        given = ["--once", "--summary", "s.json", "--csv", "disk/a.csv", "-o", "disk/r.html"]
        done = fthg("--track", "-c", "jobs.yaml", *given, cwd=config)
        left = {path.name: path.read_text() for path in (config / "disk").iterdir()}
    assert done.status == 3, done.err
    assert "fthg: disk/a.csv cannot be written: No space left on device; free some" in done.err
    assert "Traceback" not in done.err
    assert left.pop("a.csv") == "an earlier one" * 1000
    assert list(left) == ["r.html"]
    if "disk/r.html cannot" in done.err:
        assert left["r.html"] == "an earlier one" * 1000
    else:
        assert left["r.html"].rstrip().endswith("</html>")
    assert figures(config / "s.json")["passed"] == 5000


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("-o x --csv ./x", "track.csv: ./x is also the file of track.output"),
        ("-o logo.svg", "track.output: logo.svg is also read, as track.logo"),
        ("--csv r.jsonl", "track.csv: r.jsonl is also read, as track.sent"),
        ("--csv x --ledger r.jsonl", "track.ledger: r.jsonl is also read, as track.sent"),
        ("--summary jobs.yaml --check", "jobs.yaml is also read, as the configuration"),
        ("--summary x --log-file x", "logging.file: x is also the file of track.summary"),
    ],
)
def test_an_output_that_would_overwrite_another_file_is_status_2(
    config: Path, words: str, said: str
) -> None:
    for name in ("logo.svg", "r.jsonl"):
        (config / name).write_text("precious")
    given = ["--sent", "r.jsonl", "--set", "track.logo=logo.svg", *words.split()]
    done = fthg("--track", "-c", "jobs.yaml", "--once", *given, cwd=config)
    assert (done.status, done.out) == (2, ""), done.err
    assert f"{said}; name another file" in done.err.replace(" (r.jsonl)", "")
    assert "mysql://" in (config / "jobs.yaml").read_text()
    for name in ("logo.svg", "r.jsonl"):
        assert (config / name).read_text() == "precious"


def test_devices_are_written_to_and_never_replaced(config: Path, server: MariaDB) -> None:
    arrive(server, "ingress", UUIDS[0])
    arrive(server, "egress", UUIDS[0])
    said = private_dev.run(
        f"""
        cd {config}
        track="$PYTHON -m fthg --track -c jobs.yaml --once"
        $track -o /dev/null --csv /dev/null --summary /dev/null > shown
        $track --summary /dev/stdout > s.json 2> /dev/null
        $track --csv - > a.csv 2> /dev/null
        $track --csv /dev/null --ledger /dev/null 2>&1 || echo status $?
        """,
        Path(__file__).parents[2],
    )
    assert said.splitlines() == [
        "fthg: track.ledger: /dev/null is not a regular file; name another one",
        "status 3",
    ]
    assert figures(config / "s.json")["passed"] == 1
    assert len((config / "a.csv").read_text().splitlines()) == 2


def test_a_link_to_a_ledger_stays_a_link(config: Path) -> None:
    (config / "link").symlink_to("ledger")
    for _ in range(2):
        words = ["--once", "--summary", "s.json", "--ledger", "link"]
        done = fthg("--track", "-c", "jobs.yaml", *words, cwd=config)
        assert done.status == 0, done.err
        assert (config / "link").is_symlink()
        assert (config / "ledger").read_bytes().startswith(b"SQLite")


def test_a_file_that_is_no_ledger_stays_as_it_is(config: Path) -> None:
    (config / "file").write_text("precious")
    words = ["--once", "--summary", "s.json", "--ledger", "file", "--check"]
    done = fthg("--track", "-c", "jobs.yaml", *words, cwd=config)
    assert done.status == 3, done.err
    assert (config / "file").read_text() == "precious"


def _arrive_in(server: MariaDB, seconds: int, count: int, first: int = 0) -> None:
    """Insert pairs that take so many seconds from end to end."""
    moment = datetime.now(timezone.utc) - timedelta(minutes=5)  # one for both sides
    for side, passed in (("ingress", 0), ("egress", seconds)):
        server.run(
            f"INSERT INTO {side}.transfers "
            "SELECT CONCAT(LPAD(seq, 8, '0'), '-1111-2222-3333-444444444444'), 'order-1.xml', "
            f"'{moment:%F %T}', '{moment:%F %T}' + INTERVAL {passed} SECOND, 'SUCCESS' "
            f"FROM {side}.seq_{first}_to_{first + count - 1}",
            zone="+00:00",
        )


def _judged(config: Path, *words: str, status: int) -> tuple[str, dict[str, Any]]:
    """Track with these options; return the terminal's summary and the JSON."""
    done = fthg("--track", "-c", "jobs.yaml", "--summary", "s.json", *words, cwd=config)
    assert done.status == status, done.err
    return done.out, figures(config / "s.json")


def test_a_promise_that_is_missed_is_amber_and_a_target_red(config: Path, server: MariaDB) -> None:
    _arrive_in(server, 3, 1719)
    _arrive_in(server, 30, 281, first=1719)
    shown, found = _judged(config, "--sla", "5s", status=0)
    sentence = "All 2,000 transfers passed, but 281 were not within 5s."
    assert found["verdict"] == {"tone": "open", "sentence": sentence}
    assert (found["sla"]["within"], found["sla"]["met"], found["thresholds"]) == (1719, False, [])
    assert sentence in shown

    words = ["--sla", "95% within 5s", "--junit", "j.xml"]
    shown, found = _judged(config, *words, status=99)
    sentence = "All 2,000 transfers passed, but the SLA 95% within 5s is missed (85.95%)."
    assert found["verdict"] == {"tone": "bad", "sentence": sentence}
    assert found["thresholds"] == [{"text": "95% within 5s", "found": 85.95, "ok": False}]
    assert "✗ 95% within 5s  85.95%" in shown
    (suite,) = Xml.fromstring((config / "j.xml").read_text())
    assert (suite.get("tests"), suite.get("failures")) == ("2", "1")

    _, found = _judged(config, "--sla", "85% within 5s", status=0)
    assert (found["verdict"]["tone"], found["sla"]["met"]) == ("good", True)


def test_a_failed_threshold_is_printed_even_if_only_errors_are(
    config: Path, server: MariaDB
) -> None:
    _arrive_in(server, 3, 4)
    words = ["-qq", "--threshold", "transit p95 < 2s", "--threshold", "pass_rate >= 99%"]
    done = fthg("--track", "-c", "jobs.yaml", "--summary", "s.json", *words, cwd=config)
    assert (done.status, done.out) == (99, "")
    assert done.err == "fthg: threshold failed: transit p95 < 2s, found 3s\n"


def test_a_row_without_partner_goes_before_a_failed_threshold(
    config: Path, server: MariaDB
) -> None:
    arrive(server, "ingress", UUIDS[0])
    time.sleep(1.5)
    _, found = _judged(config, "--once", "--threshold", "unpaired == 0", status=5)
    assert found["verdict"]["tone"] == "bad"
    assert "the threshold unpaired == 0 failed (1)" in found["verdict"]["sentence"]


def test_a_run_is_compared_with_the_one_before(config: Path, server: MariaDB) -> None:
    _arrive_in(server, 3, 4)
    _judged(config, status=0)
    (config / "s.json").rename(config / "before.json")
    _arrive_in(server, 9, 4, first=4)
    words = ["--baseline", "before.json", "--threshold", "transit p95 <= 300% of baseline"]
    shown, found = _judged(config, *words, status=0)
    assert found["baseline"]["transit p95"] == {"before": 3.0, "now": 9.0, "change": 2.0}
    assert "transit p95........:          3s          9s     +200.0%" in shown
    words[-1] = "transit p95 < 300% of baseline"
    _judged(config, *words, status=99)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--sla", "95%"], "write it as 60s or '95% within 60s'"),
        (["--zone", "Europe/Berln"], "unknown time zone 'Europe/Berln'"),
        (["--threshold", "p95 < 2s"], "write it as 'transit p95 < 60s'"),
        (["--threshold", "transit p95 < 120% of baseline"], "needs --baseline"),
        (["--baseline", "jobs.yaml"], "jobs.yaml is not JSON"),
        (["--baseline", "none.json"], "none.json cannot be read"),
        (["--baseline", "b.json", "-o", "b.json"], "is also read, as track.baseline"),
        (["--junit", "s.json"], "is also the file of track.summary"),
        (["--set", "track.groups=orders"], "track.groups: must be a mapping"),
    ],
)
def test_what_cannot_be_judged_is_one_clear_message(
    config: Path, words: list[str], said: str
) -> None:
    (config / "b.json").write_text('{"transfers": 1}')
    given = ["--summary", "s.json", "--check", *words]
    done = fthg("--track", "-c", "jobs.yaml", *given, cwd=config)
    assert (done.status, done.out) == (2, ""), done.err
    assert said in " ".join(done.err.split())
    assert "Traceback" not in done.err


def test_the_terminal_shows_times_in_the_zone(config: Path) -> None:
    words = ["--from", "2026-10-25T00:00Z", "--to", "2026-10-25T02:00Z"]
    shown, found = _judged(config, *words, "--zone", "Europe/Berlin", status=0)
    assert "2026-10-25 02:00:00 +0200 to 2026-10-25 03:00:00 +0100" in shown
    assert found["from"] == "2026-10-25T00:00:00.000000Z"
    assert found["verdict"] == {"tone": "empty", "sentence": "No transfer started in this period."}
