from __future__ import annotations

import subprocess
from pathlib import Path

from tests.packaging.places import RPM
from tests.servers import need

UNIT = RPM / "systemd" / "fthg@.service"


def test_systemd_finds_nothing_wrong_with_the_unit(tmp_path: Path) -> None:
    copy = tmp_path / "fthg@nightly.service"
    copy.write_text(UNIT.read_text().replace("/usr/bin/fthg", "/bin/true"))
    done = subprocess.run(
        [need("systemd-analyze"), "verify", "--man=no", str(copy)],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
    )  # fmt: skip
    assert done.stdout.decode() == ""


def test_the_unit_exposes_at_most_3_by_systemds_own_scale(tmp_path: Path) -> None:
    copy = tmp_path / "fthg@nightly.service"
    copy.write_text(UNIT.read_text())
    done = subprocess.run(
        [need("systemd-analyze"), "security", "--offline=yes", "--threshold=30", str(copy)],
        stdout=subprocess.PIPE, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout.decode()


def test_the_unit_runs_the_configuration_of_its_name_and_stops_later_than_a_graceful_stop() -> None:
    text = UNIT.read_text()
    assert "ExecStart=/usr/bin/fthg -c /etc/fthg/%i.yaml" in text
    assert "ExecReload=/bin/kill -HUP $MAINPID" in text
    assert "TimeoutStopSec=5min" in text  # graceful_stop is 30s unless someone says otherwise
