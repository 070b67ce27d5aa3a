from __future__ import annotations

from collections.abc import Mapping
from datetime import timezone
from pathlib import Path
from typing import Any, Callable

import pytest

from fthg import cli
from fthg.config import settings
from fthg.config.files import config_files
from fthg.errors import ConfigError
from fthg.load.plan import Job, Plan
from fthg.load.planning import make_plan
from fthg.program import SECTIONS
from fthg.protocols.http.options import HttpOptions
from fthg.protocols.sftp.options import SftpOptions
from fthg.track.options import SlaOption
from fthg.writing import Stamp

FILE = """\
run: {duration: 1m, results: old.jsonl, summary: old.json}
logging: {level: warning, file: old.log, format: text}
defaults:
  timeout: 33s
  headers: {X-Common: "1"}
  atomic: true
jobs:
  orders:
    url: http://127.0.0.1/up
    files: in
    rate: 5/s
    model: open
    duration: 2m
    count: 7
    max_in_flight: 9
    headers: {X-Own: "2"}
  partner:
    url: sftp://ann@127.0.0.1/in
    files: in
    rate: 1 every 30s
    model: closed
    password: geheim
    senders: 3
  resting:
    url: http://127.0.0.1/
    files: in
    rate: 1/s
    enabled: false
    headers: {X-Key: "${NOT_SET_ANYWHERE}"}
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "jobs.yaml"
    path.write_text(FILE)
    return path


def read(*argv: str) -> settings.Settings:
    return settings.read(cli.parse(argv), SECTIONS)


def plan(*argv: str) -> Plan:
    found = read(*argv)
    return make_plan(found.run, found.jobs, Stamp("r", "d", "t"))


AD_HOC = ("--url", "http://h/up", "--files", "dir", "--rate", "2/s")


def jobs(*argv: str) -> dict[str, Job]:
    return {job.name: job for job in plan(*argv).jobs}


def errors(*argv: str) -> str:
    with pytest.raises(ConfigError) as caught:
        read(*argv)
    return str(caught.value)


def test_the_enabled_jobs_are_planned_with_defaults_merged_below(config: Path) -> None:
    found = jobs("-c", str(config))
    assert list(found) == ["orders", "partner"]
    orders = found["orders"]
    partner = found["partner"]
    assert isinstance(orders.options, HttpOptions)
    assert isinstance(partner.options, SftpOptions)
    assert orders.options.timeout == 33
    assert {name: value.text for name, (value,) in orders.options.headers.items()} == {
        "X-Common": "1",
        "X-Own": "2",
    }
    assert partner.options.atomic is True
    assert (orders.limit, partner.limit) == (9, 3)


def test_inputs_are_relative_to_the_file_and_outputs_are_not(config: Path) -> None:
    found = plan("-c", str(config))
    assert found.jobs[0].source.files == str(config.parent / "in")
    assert found.outputs["results"] == "old.jsonl"


JOB_OPTIONS: list[tuple[list[str], Any, Any]] = [
    (["--rate", "8/s"], lambda job: job.pacer.text, "8/s"),
    (["--model", "closed"], lambda job: job.open, False),
    (["--duration", "9s"], lambda job: job.duration, 9),
    (["--count", "3"], lambda job: job.count, 3),
    (["--files", "/else"], lambda job: job.source.files, "/else"),
    (["--timeout", "4s"], lambda job: job.options.timeout, 4),
    (["--model", "open", "--max-in-flight", "5"], lambda job: job.limit, 5),
    (["--model", "closed", "--senders", "6"], lambda job: job.limit, 6),
    (["--limit-rate", "250KB/s"], lambda job: job.options.limit_rate, 250_000),
]


@pytest.mark.parametrize(("words", "value_of", "value"), JOB_OPTIONS)
def test_an_option_wins_over_the_file_for_every_selected_job(
    config: Path, words: list[str], value_of: Any, value: Any
) -> None:
    found = jobs("-c", str(config), *words)
    assert [value_of(job) for job in found.values()] == [value, value]


@pytest.mark.parametrize(("words", "value_of", "value"), JOB_OPTIONS)
def test_with_job_an_option_touches_only_that_job(
    config: Path, words: list[str], value_of: Any, value: Any
) -> None:
    found = jobs("-c", str(config), "--job", "orders", *words)
    assert list(found) == ["orders"]
    assert value_of(found["orders"]) == value


@pytest.mark.parametrize(
    ("words", "section", "key", "value"),
    [
        (["--duration", "9s"], "run", "duration", 9),
        (["--results", "new.jsonl"], "run", "results", "new.jsonl"),
        (["--summary", "new.json"], "run", "summary", "new.json"),
        (["-v"], "logging", "level", "info"),
        (["-vv"], "logging", "level", "debug"),
        (["-vvvv"], "logging", "level", "trace"),
        (["--log-format", "json"], "logging", "format", "json"),
        (["--set", "run.graceful_stop=3s"], "run", "graceful_stop", 3),
        (["--set", "logging.level=debug"], "logging", "level", "debug"),
    ],
)
def test_an_option_wins_over_the_file_for_the_run(
    config: Path, words: list[str], section: str, key: str, value: Any
) -> None:
    assert getattr(read("-c", str(config), *words), section)[key] == value


def test_the_log_options_win_over_the_file(config: Path) -> None:
    logging = read("-c", str(config), "--log-file", "new.log", "--syslog").logging
    assert logging["file"]["path"] == "new.log"
    assert str(logging["syslog"]["address"]) == "/dev/log"


@pytest.mark.parametrize(
    ("words", "section"),
    [
        (["--track"], lambda it: it.track),
        ([], lambda it: it.run),
        (["--from-results", "r.jsonl"], lambda it: it.run),
        (["--url", "http://h", "--files", "f", "--rate", "1/s"], lambda it: it.jobs["cli"]),
    ],
)
def test_thresholds_of_the_command_line_replace_those_of_the_file(
    tmp_path: Path, words: list[str], section: Callable[[settings.Settings], Mapping[str, Any]]
) -> None:
    path = tmp_path / "t.yaml"
    path.write_text("run: {thresholds: failed > 7}\ntrack: {thresholds: failed > 7}\njobs: {}\n")
    given = ["--threshold", "failed < 1%", "--threshold", "failed == 0"]
    found = section(read("-c", str(path), *words, *given))["thresholds"]
    limits = found if isinstance(found, list) else found["limits"]
    assert [limit.text for limit in limits] == ["failed < 1%", "failed == 0"]


def test_a_wrong_threshold_of_the_command_line_is_named() -> None:
    with pytest.raises(ConfigError) as caught:
        read("--track", "--threshold", "fialed < 1%")
    assert "--threshold" in str(caught.value)
    assert "did you mean 'failed'?" in str(caught.value)


@pytest.mark.parametrize(
    ("words", "key", "value"),
    [
        (["--from", "-2h"], "from", "-2h"),
        (["--to", "now"], "to", "now"),
        (["--poll", "3s"], "poll", 3),
        (["--grace", "4m"], "grace", 240),
        (["--sla", "5s"], "sla", SlaOption(5.0)),
        (["--zone", "UTC"], "zone", (timezone.utc, "UTC")),
        (["--logo", "l.svg"], "logo", "l.svg"),
        (["--baseline", "b.json"], "baseline", "b.json"),
        (["--junit", "j.xml"], "junit", "j.xml"),
        (["--once"], "once", True),
        (["--title", "T"], "title", "T"),
        (["--csv", "c.csv"], "csv", "c.csv"),
        (["--sent", "a", "--sent", "b"], "sent", ["a", "b"]),
        (["--match", "filename"], "match", "filename"),
        (["--ledger", "l.db"], "ledger", "l.db"),
        (["-o", "r.html"], "output", "r.html"),
        (["--summary", "s.json"], "summary", "s.json"),
    ],
)
def test_a_tracking_option_wins_over_the_file(
    tmp_path: Path, words: list[str], key: str, value: Any
) -> None:
    path = tmp_path / "t.yaml"
    path.write_text(
        "track: {from: today, to: '2026-01-01', poll: 1s, grace: 1s, sla: 1s, once: false,"
        " title: x, csv: x, sent: [x], match: uuid, ledger: x, output: x, summary: x,"
        " zone: Europe/Berlin, logo: x, baseline: x, junit: x}\n"
    )
    assert read("--track", "-c", str(path), *words).track[key] == value


def test_a_more_exact_path_wins_over_a_general_option(config: Path) -> None:
    found = jobs("-c", str(config), "--set", "jobs.orders.rate=1/h", "--rate", "8/s")
    assert (found["orders"].pacer.text, found["partner"].pacer.text) == ("1/h", "8/s")


def test_set_reads_values_as_the_file_does(config: Path) -> None:
    found = jobs(
        "-c", str(config), "--set", "jobs.orders.thresholds=[failed < 1%]",
        "--set", "jobs.orders.headers.X-Env={uuid}",
    )  # fmt: skip
    assert found["orders"].limits.thresholds[0].text == "failed < 1%"
    options = found["orders"].options
    assert isinstance(options, HttpOptions)
    assert [value.text for value in options.headers["X-Env"]] == ["{uuid}"]


def test_later_files_are_merged_over_earlier_ones(config: Path, tmp_path: Path) -> None:
    second = tmp_path / "second.yaml"
    second.write_text("jobs:\n  orders:\n    rate: 6/s\n")
    assert jobs("-c", str(config), "-c", str(second))["orders"].pacer.text == "6/s"


def test_an_ad_hoc_job_runs_alone_and_takes_the_sections_that_fit(config: Path) -> None:
    found = jobs(
        "-c", str(config), "--url", "http://h/up", "--files", "dir", "--rate", "2/s", "-X", "PUT",
        "-H", "X-Id: {uuid}", "-k", "-u", "ann:geheim", "--ca", "ca.pem",
    )  # fmt: skip
    options = found["cli"].options
    assert isinstance(options, HttpOptions)
    assert list(found) == ["cli"]
    assert options.method == "PUT"
    assert {name: value.text for name, (value,) in options.headers.items()} == {
        "X-Common": "1",
        "X-Id": "{uuid}",
    }
    assert options.verify is False
    assert options.auth
    assert options.auth.secrets[0] == "geheim"
    assert (options.ca, options.timeout, found["cli"].source.files) == ("ca.pem", 33, "dir")


def test_an_ad_hoc_job_is_reached_as_its_options_say() -> None:
    options = jobs(
        *AD_HOC, "-x", "http://proxy.example.com:3128", "-L", "--connect-timeout", "3s",
        "--connect-to", "10.0.0.7:8080", "--limit-rate", "1KB/s",
    )["cli"].options  # fmt: skip
    assert isinstance(options, HttpOptions)
    assert (options.proxy, options.follow_redirects) == ("http://proxy.example.com:3128", True)
    assert (options.connect_timeout, options.limit_rate) == (3, 1000)
    assert str(options.connect_to) == "10.0.0.7:8080"


def test_a_header_that_is_given_again_is_sent_again() -> None:
    words = ["X-Tag: b", "X-Id: {uuid}", "x-tag:a", "X-Tag: {seq}"]
    given = [word for header in words for word in ("-H", header)]
    options = jobs(*AD_HOC, *given)["cli"].options
    assert isinstance(options, HttpOptions)
    found = {name: [value.text for value in lines] for name, lines in options.headers.items()}
    assert found == {"X-Tag": ["b", "a", "{seq}"], "X-Id": ["{uuid}"]}


@pytest.mark.parametrize(
    ("url", "words", "key"),
    [
        ("http://h/", ["--atomic"], "atomic"),
        ("http://h/", ["--mkdir"], "mkdir"),
        ("https://h/", ["--remote-name", "{uuid}"], "remote_name"),
        ("sftp://u:p@h/", ["-L"], "follow_redirects"),
        ("sftp://u:p@h/", ["-X", "PUT"], "method"),
        ("sftp://u:p@h/", ["-H", "A: b", "-H", "A: c"], "headers"),
    ],
)
def test_an_option_of_another_protocol_is_an_error_that_says_why(
    url: str, words: list[str], key: str
) -> None:
    line = errors("--url", url, "--files", "dir", "--rate", "2/s", *words)
    assert (
        f"jobs.cli.{key}: this has no effect: jobs over {url.split(':', maxsplit=1)[0]} have no"
        in line
    )


def test_a_key_of_another_protocol_is_an_error_beside_all_others(tmp_path: Path) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text(
        "defaults: {atomic: true, method: PUT}\njobs:\n  a:\n    url: http://h/\n    files: in\n"
        "    mode: 0600\n    marker:\n    rat: 1/s\n"
    )
    lines = errors("-c", str(path)).splitlines()
    assert [line.rpartition("bad.yaml")[2] for line in lines] == [
        ":4:5: jobs.a.rate: this key is missing: 5/s, 120/hour, 10/30s, 1 every 30s, or max in the"
        " closed model",
        ":6:5: jobs.a.mode: this has no effect: jobs over http have no such key, only SFTP jobs "
        "have; leave it out",
        ":8:5: jobs.a.rat: unknown key; did you mean 'rate'?",
    ]


def test_an_ad_hoc_job_over_ssh_takes_its_own_options(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("geheim\n")
    options = jobs(
        "--url", "sftp://host/dir", "--files", "dir", "--rate", "2/s", "-u", "ann",
        "--password-file", str(secret), "--known-hosts", "kh", "--key", "k", "-k",
        "--atomic", "--mkdir", "--remote-name", "{stem}", "-x", "socks5://proxy.example.com:1080",
    )["cli"].options  # fmt: skip
    assert isinstance(options, SftpOptions)
    assert (options.user, options.password_file) == ("ann", "geheim")
    assert (options.known_hosts, options.key, options.host_key) == ("kh", "k", "ignore")
    assert (options.atomic, options.mkdir, options.remote_name.text) == (True, True, "{stem}")
    assert options.proxy == "socks5://proxy.example.com:1080"


def test_all_errors_are_reported_at_once_with_their_places(tmp_path: Path) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text(
        "runn: {}\njobs:\n  a:\n    url: ftp://h/\n    files: in\n    rate: 0/s\n    tiemout: 5s\n"
        "  b:\n    url: http://h/\n    files: in\n    rate: max\n    thresholds: [fialed < 1%]\n"
        "  c: 5\n"
    )
    lines = errors("-c", str(path)).splitlines()
    assert [line.split(": ")[0].rpartition("bad.yaml")[2] for line in lines] == [
        ":1:1", ":4:10", ":6:11", ":7:5", ":11:11", ":12:18", ":13:6",
    ]  # fmt: skip
    assert "did you mean 'run'?" in lines[0]
    assert "http://, https://, sftp://" in lines[1]
    assert "did you mean 'timeout'?" in lines[3]


@pytest.mark.parametrize(
    ("job", "word"),
    [
        ("rate: max", "max needs model: closed"),
        ("rate: -1/s", "is not a rate"),
        ("rate: 5", "write it as 5/s"),
        ("rate: 1/s\n    headers: {X: '{nope}'}", "unknown placeholder {nope}"),
        ("rate: 1/s\n    senders: 0", "the least is 1"),
        ("rate: 1/s\n    repeat: twice", "not one of loop, once"),
        ("rate: 1/s\n    thresholds: [response_time < 1s]", "say which response_time"),
        ("rate: 1/s\n    headers: 5", "must be a mapping"),
        ("rate: 1/s\n    expect: two", "expect"),
        ("model: open", "jobs.a.rate: this key is missing: 5/s, 120/hour"),
        (
            "rate: max\n    model: closed\n    thresholds: [achieved_rate > 95%]",
            "there is no target",
        ),
    ],
)
def test_an_impossible_value_is_an_error_with_its_remedy(
    tmp_path: Path, job: str, word: str
) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text(f"jobs:\n  a:\n    url: http://h/\n    files: in\n    {job}\n")
    lines = errors("-c", str(path))
    assert word in lines
    assert len(lines.splitlines()) == 1


def test_an_error_on_the_command_line_names_the_option(config: Path) -> None:
    assert "command line --rate: " in errors("-c", str(config), "--rate", "fast")
    assert "--job: there is no job 'order'; did you mean 'orders'?" in errors(
        "-c", str(config), "--job", "order"
    )
    assert "job resting is disabled" in errors("-c", str(config), "--job", "resting")
    assert "is not PATH=VALUE" in errors("-c", str(config), "--set", "nonsense")


def test_a_missing_variable_only_matters_where_it_is_used(tmp_path: Path) -> None:
    path = tmp_path / "jobs.yaml"
    path.write_text(FILE)
    assert "NOT_SET_ANYWHERE" not in str(list(jobs("-c", str(path))))
    lines = errors("-c", str(path), "--set", "jobs.resting.enabled=true")
    assert "the variable NOT_SET_ANYWHERE is not set" in lines


@pytest.mark.parametrize("content", [b"\xff\xfe", None, b"- a list\n", b"jobs: [1]\n", b"a: [\n"])
def test_a_file_that_cannot_be_used_is_one_clear_error(tmp_path: Path, content: Any) -> None:
    path = tmp_path / "x.yaml"
    if content is not None:
        path.write_bytes(content)
    assert str(path) in errors("-c", str(path))


def test_a_file_that_is_far_too_large_is_refused_before_it_is_read(tmp_path: Path) -> None:
    assert "larger than 1 MiB" in errors("-c", "/dev/zero")


@pytest.mark.parametrize(
    "words",
    [
        ["-H", "Authorization Bearer hunter2"],
        ["-x", "ftp://ann:hunter2@h"],
        ["-x", "http://ann:hunt/er2@h"],
        ["--set", "jobs.cli..password=hunter2"],
        ["--set", "password hunter2"],
        ["--set", "jobs.cli.url=http://ann:hunt/er2@h/"],
        ["--set", "jobs.cli.url=http://ann:hunter2@[::1/"],
        ["--set", "jobs.cli.url=ftp://ann:hunter2@h/"],
        ["--set", "jobs.cli.url=sftp://ann:{hunter2}@h/"],
        ["--set", "jobs.cli.url=sftp://ann:hunt/er2@h/"],
        ["--set", "jobs.cli.url=sftp://ann:hunter2@h:port/"],
        ["--set", "jobs.cli.url=http://hunter2hunter2hunter2@h:port/"],
        ["--set", "jobs.cli.headers.X-Api-Key=a{hunter2}b"],
        ["--set", "jobs.cli.auth.bearer=hunter2 hunter2"],
        ["--set", "jobs.cli.proxy=socks://ann:hunter2@h"],
        ["--set", "logging.syslog=udp://ann:hunter2@h"],
        ["--set", "track.ingress=mysql://ann:hunt/er2@h/d"],
        ["--set", "track.ingress=mysql://ann:hunter2@"],
    ],
)
def test_no_error_shows_a_secret_nor_a_part_of_it(tmp_path: Path, words: list[str]) -> None:
    ad_hoc = ["--url", "http://127.0.0.1/", "--files", str(tmp_path), "--rate", "1/s"]
    lines = errors(*ad_hoc, *words)
    assert "hunt" not in lines


@pytest.mark.parametrize(
    "url",
    [
        "http://h\r\nX-Evil: 1/a",
        "http://h/a\r\nX-Evil: 1",
        "http://h/a\0",
        "http://h\0x/",
        "http://ann\r\n:p@h/",
        "http://h:80\r\n/",
        "http://h\tx/",
        "sftp://ann:p@h/x\r\n",
        "sftp://ann:p@h\0/x",
    ],
)
def test_a_url_holds_no_control_characters(tmp_path: Path, url: str) -> None:
    lines = errors("--url", url, "--files", str(tmp_path), "--rate", "1/s")
    assert "control characters" in lines


@pytest.mark.parametrize("host", ["h x", "h\u2028x", "*"])
def test_a_server_has_a_name_that_it_can_have(tmp_path: Path, host: str) -> None:
    lines = errors("--url", f"http://{host}/", "--files", str(tmp_path), "--rate", "1/s")
    assert "jobs.cli.url" in lines


def test_unknown_options_are_named_without_what_was_given_to_them(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for words in (["--passwd", "hunter2"], ["--passwd=hunter2"], ["-phunter2"]):
        with pytest.raises(SystemExit):
            cli.parse(words)
        assert "hunter2" not in capsys.readouterr().err


def test_results_are_judged_by_the_files_that_are_named_and_by_no_other(config: Path) -> None:
    judging = read("--from-results", "r.jsonl", "-c", str(config), "--summary", "new.json")
    assert set(judging.jobs) == {"orders", "partner"}
    # Where the run itself wrote is not to be written over.
    assert (judging.run.get("results"), judging.run["summary"]) == (None, "new.json")
    assert judging.logging.get("file") is None
    assert config_files(cli.parse(["--from-results", "r.jsonl"])) == []


def test_a_job_whose_results_are_read_may_be_gone_and_needs_no_secret(config: Path) -> None:
    words = ["--from-results", "r.jsonl", "-c", str(config)]
    assert list(jobs(*words, "--job", "orders", "--job", "long-gone")) == ["orders"]
    assert "resting" in jobs(*words, "--set", "jobs.resting.enabled=true")


def test_results_are_never_summarized_into_the_files_of_the_run_itself(tmp_path: Path) -> None:
    outputs = "".join(f"  {key}: {key}.out\n" for key in SECTIONS.outputs)
    (tmp_path / "jobs.yaml").write_text(f"run:\n{outputs}")
    assert SECTIONS.outputs
    judging = read("--from-results", "r.jsonl", "-c", str(tmp_path / "jobs.yaml"))
    assert [key for key in SECTIONS.outputs if key in judging.run] == []


@pytest.mark.parametrize(
    ("keys", "options", "reason"),
    [
        ("senders: 4", [], "jobs.a.senders: it has no effect in the open model"),
        ("senders: 1", [], ""),  # as a configuration is shown
        ("model: closed, max_in_flight: 4", [], "jobs.a.max_in_flight: it has no effect in the cl"),
        ("model: closed, senders: 4", [], ""),
        ("model: closed, senders: 4", ["--model", "open"], ""),
        ("max_in_flight: 4", ["--model", "closed"], ""),
        ("model: open", ["--senders", "2"], "--senders: jobs.a.senders: it has no effect"),
        ("model: closed", ["--max-in-flight", "2"], "jobs.a.max_in_flight: it has no effect"),
        ("password: x", [], "only SFTP jobs have; write auth: {basic: {user: …, password: …}}"),
        ("host_key: ignore", [], "write verify: false, to check no certificate"),
    ],
)
def test_a_key_without_effect_is_an_error_that_says_what_has_one(
    keys: str, options: list[str], reason: str, tmp_path: Path
) -> None:
    path = tmp_path / "jobs.yaml"
    path.write_text(f"jobs: {{a: {{url: 'http://h/', files: x, rate: 1/s, {keys}}}}}\n")
    args = cli.parse(["-c", str(path), *options])
    if not reason:
        settings.read(args, SECTIONS)
        return
    with pytest.raises(ConfigError) as error:
        settings.read(args, SECTIONS)
    assert reason in str(error.value)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("jobs: [{name: orders, url: 'http://h/'}]", "below it `orders:`, and below that url"),
        ("jobs: {url: 'http://h/', files: x, rate: 1/s}", "the keys of one job, which needs a nam"),
        ("duration: 5m", "it belongs to the run (run.duration) or to a job (jobs.NAME.duration)"),
        ("url: 'http://h/'", "it belongs below jobs.NAME: jobs.NAME.url"),
        ("poll: 5s", "it belongs below track: track.poll"),
        ("jbos: {}", "did you mean 'jobs'?"),
        ("defaults: {each: x.csv}", "each belongs to one job"),
    ],
)
def test_a_key_in_a_wrong_place_is_led_to_the_right_one(
    text: str, reason: str, tmp_path: Path
) -> None:
    path = tmp_path / "jobs.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError) as error:
        settings.read(cli.parse(["-c", str(path)]), SECTIONS)
    (message,) = error.value.errors
    assert reason in message


@pytest.mark.parametrize("name", ["files", "url", "rate", "key", "each"])
def test_a_job_may_have_the_name_of_a_key(name: str, tmp_path: Path) -> None:
    path = tmp_path / "jobs.yaml"
    path.write_text(f"jobs: {{{name}: {{url: 'http://h/', files: x, rate: 1/s}}}}")
    read = settings.read(cli.parse(["-c", str(path)]), SECTIONS)
    assert list(read.jobs) == [name]


@pytest.mark.parametrize(
    "words",
    [
        ["track.ingress=mysql://u:geheim@h/db", "track.ingress.table=x"],
        ["track.ingress.table=x", "track.ingress=mysql://u:geheim@h/db"],
        ["track.ingress.url=mysql://u:geheim@h/db?table=y", "track.ingress.table=x"],
    ],
)
def test_a_part_of_a_database_is_added_to_its_short_form(words: list[str]) -> None:
    assigned = [word for assignment in words for word in ("--set", assignment)]
    read = settings.read(cli.parse(["--track", *assigned]), SECTIONS)
    side = read.track["ingress"]
    assert (side["host"], side["database"], side["table"]) == ("h", "db", "x")
    assert "geheim" in read.secrets()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"run: {}\n# caf\xc3\xa9 caf\xe9\n", ":2:11: the byte 0xe9 is not UTF-8"),
        (b"run: {}\na: \0\n", ":2:4: the character U+0000 is not allowed in YAML"),
        (
            b"jobs:\n  a: {url: 'http://${NOT_SET}/', files: '${NOT_SET}', rate: '${NOT_SET}'}\n",
            ":2:12: jobs.a.url: the variable NOT_SET is not set; set it, or write "
            "${NOT_SET:-default}; it is used in 2 more places",
        ),
        (
            b"jobs: {a: {url: 'http://h', files: x, rate: 1/s, match: '*.{xml, csv}.gz'}}\n",
            "braces are no pattern; write a list: ['*.xml.gz', '*.csv.gz']",
        ),
    ],
)
def test_what_cannot_be_read_is_one_error_with_its_place(
    content: bytes, reason: str, tmp_path: Path
) -> None:
    path = tmp_path / "jobs.yaml"
    path.write_bytes(content)
    with pytest.raises(ConfigError) as error:
        settings.read(cli.parse(["-c", str(path)]), SECTIONS)
    (message,) = error.value.errors
    assert reason in message


def test_items_are_counted_from_1_and_keys_without_effect_are_beside_other_errors(
    tmp_path: Path,
) -> None:
    path = tmp_path / "jobs.yaml"
    path.write_text(
        "jobs: {a: {url: 'http://h/', files: x, rate: 1/s, model: closed, max_in_flight: 3, "
        "timeout: 5, thresholds: [failed < 1%, p95 < 2s]}}\n"
    )
    with pytest.raises(ConfigError) as error:
        settings.read(cli.parse(["-c", str(path)]), SECTIONS)
    effect, timeout, threshold = error.value.errors
    assert "jobs.a.max_in_flight: it has no effect in the closed model" in effect
    assert "jobs.a.timeout: '5' is not a duration" in timeout
    assert "jobs.a.thresholds #2: a figure is missing before p95" in threshold
