from __future__ import annotations

import os
import re
import subprocess
import time
from pathlib import Path

import pytest

from tests.packaging.places import RPM
from tests.servers import need

UNITS = RPM / "systemd"
LOAD, TRACK = UNITS / "fthg@.service", UNITS / "fthg-track@.service"


def _output(*command: str) -> tuple[int, str]:
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    return done.returncode, done.stdout.decode()


def test_systemd_finds_nothing_wrong_with_the_units_and_examples(tmp_path: Path) -> None:
    for unit in [*UNITS.iterdir(), *(RPM / "examples").glob("*@.service")]:
        text = unit.read_text().replace("/usr/bin/fthg", "/bin/true")
        (tmp_path / unit.name.replace("@.", "@nightly.")).write_text(text)
    for service in ("fthg@.service", "fthg-track@.service"):
        drop_in = tmp_path / f"{service}.d"
        drop_in.mkdir()
        (drop_in / "on-failure.conf").write_text(
            (RPM / "examples" / "on-failure.conf").read_text().replace("@%n.", "@nightly.")
        )
    units = [str(path) for path in tmp_path.glob("*@nightly.*")]
    assert len(units) == 4
    assert _output(need("systemd-analyze"), "verify", "--man=no", *units)[1] == ""


@pytest.mark.parametrize("unit", [LOAD, TRACK], ids=["load", "track"])
def test_a_service_exposes_at_most_3_by_systemds_own_scale(unit: Path, tmp_path: Path) -> None:
    copy = tmp_path / unit.name.replace("@", "@nightly")
    copy.write_text(unit.read_text())
    security = [need("systemd-analyze"), "security", "--offline=yes", "--threshold=30"]
    status, output = _output(*security, str(copy))
    assert status == 0, output


def test_both_services_have_the_same_sandbox() -> None:
    assert _sandbox(LOAD) == _sandbox(TRACK)


def test_the_unit_runs_the_configuration_of_its_name_and_stops_later_than_a_graceful_stop() -> None:
    text = LOAD.read_text()
    assert "ExecStart=/usr/bin/fthg -c /etc/fthg/%i.yaml" in text
    assert "ExecReload=/bin/kill -HUP $MAINPID" in text
    assert "TimeoutStopSec=5min" in text  # graceful_stop is 30s unless someone says otherwise


def test_the_unit_waits_for_a_start_moment_however_late_it_is() -> None:
    assert "Type=notify\nTimeoutStartSec=infinity\n" in LOAD.read_text()


def test_old_results_and_reports_are_removed_and_nothing_else(tmp_path: Path) -> None:
    home = tmp_path / "var" / "lib" / "fthg"
    kept = [home / "orders" / "old", home / "old", home / "results" / "new"]
    removed = [home / "results" / "old", home / "reports" / "old"]
    long_ago = time.time() - 91 * 24 * 3600
    for path in [*kept, *removed]:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")
        if path.name == "old":
            os.utime(path, (time.time(), long_ago))  # it was read today
    status, output = _output(
        need("systemd-tmpfiles"), "--clean", f"--root={tmp_path}", str(_settings(tmp_path))
    )
    assert status == 0, output
    assert [path.exists() for path in kept + removed] == [True] * 3 + [False] * 2


def _settings(root: Path) -> Path:
    """The settings in the root, where --root finds them."""
    copy = root / "fthg.conf"
    copy.write_text((RPM / "fthg.tmpfiles").read_text())
    return copy


def _sandbox(unit: Path) -> str:
    text = unit.read_text()
    found = re.search(r"# The service reads .*?(?=\n\n|\n?\Z)", text, re.DOTALL)
    assert found
    return found[0].rstrip()
