from __future__ import annotations

import re
import subprocess
from pathlib import Path

from fthg import cli
from tests.packaging.places import RPM
from tests.servers import need

CRON = (RPM / "examples" / "fthg.cron").read_text()


def test_the_cron_lines_hold_only_options_that_exist() -> None:
    known = {option for a in cli.build_parser()._actions for option in a.option_strings}
    lines = [line for line in CRON.splitlines() if re.match(r"\d", line)]
    assert len(lines) == 2
    for line in lines:
        command = re.search(r"\bfthg (-.*?) \|\|", line)
        assert command
        options = set(re.findall(r"(?<!\S)--?[a-z][a-z-]*", command[1]))
        assert options - {"-qq"} <= known


def test_the_cron_lines_hold_no_percent_sign_which_cron_takes_for_a_line_end() -> None:
    assert "%" not in CRON


def test_rsyslogs_file_is_rotated_by_its_own_example_alone() -> None:
    rule = (RPM / "examples" / "fthg.rsyslog.conf").read_text()
    written = re.search(r'file="(.*?)"', rule)
    assert written
    assert f"{written[1]} {{" in (RPM / "examples" / "fthg-syslog.logrotate").read_text()
    assert not Path(written[1]).match("/var/log/fthg/*.log")  # of the package's own rotation


def test_logrotate_reads_its_file(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.mkdir()
    (log / "fthg.log").write_text("a line\n")
    text = (RPM / "fthg.logrotate").read_text().replace("/var/log/fthg", str(log))
    settings = tmp_path / "fthg.logrotate"
    settings.write_text(re.sub("su .*\n", "", text))
    settings.chmod(0o644)
    done = subprocess.run(
        [need("logrotate"), "--debug", "--state", str(tmp_path / "state"), str(settings)],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout.decode()
    assert "error" not in done.stdout.decode()
    assert str(log / "fthg.log") in done.stdout.decode()
