"""A job for each row of a table."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any, Union

import pytest

from fthg import cli
from fthg.config import settings
from fthg.config.secrets import files_exposing_secrets
from fthg.config.settings import Settings
from fthg.config.show import show
from fthg.errors import ConfigError
from fthg.load.pacing.constant import Constant
from fthg.load.spread import SPREAD_OVER
from fthg.program import SECTIONS

JOB = """\
jobs:
  partner-${name}:
    each: partners.csv
    url: sftp://${user}@127.0.0.1/in
    key: keys/${name}
    files: in
    rate: ${rate:-1 every 30s}
"""
TABLE = "name,user\nnorth,ann\nsouth,bob\nwest,cyd\n"


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def given(config: str = JOB, table: Union[str, bytes] = TABLE, name: str = "jobs.yaml") -> None:
    Path(name).write_text(config)
    content = table if isinstance(table, bytes) else table.encode()
    Path("partners.csv").write_bytes(content)


def read(*words: str) -> Settings:
    files = () if "-c" in words else ("-c", "jobs.yaml")
    return settings.read(cli.parse([*files, *words]), SECTIONS)


def jobs(*words: str) -> Mapping[str, Mapping[str, Any]]:
    return read(*words).jobs


def errors(*words: str) -> str:
    with pytest.raises(ConfigError) as caught:
        read(*words)
    return str(caught.value)


def test_each_row_is_a_job_with_its_cells() -> None:
    given()
    found = jobs()
    assert list(found) == ["partner-north", "partner-south", "partner-west"]
    assert [job["url"].text for job in found.values()] == [
        "sftp://ann@127.0.0.1/in", "sftp://bob@127.0.0.1/in", "sftp://cyd@127.0.0.1/in",
    ]  # fmt: skip
    assert [job["key"] for job in found.values()] == ["keys/north", "keys/south", "keys/west"]
    assert "each" not in found["partner-north"]


def test_table_and_inputs_are_relative_to_the_configuration_file() -> None:
    Path("conf").mkdir()
    Path("conf/jobs.yaml").write_text(JOB)
    Path("conf/partners.csv").write_text(TABLE)
    read_ = read("-c", "conf/jobs.yaml")
    assert read_.jobs["partner-north"]["key"] == "conf/keys/north"
    assert read_.tables == ["conf/partners.csv"]


@pytest.mark.parametrize(
    "table",
    [
        b"\xef\xbb\xbfname,user\r\nnorth,ann\r\n",
        b'"name", user \n\n"north","ann"\n\n\n',
        b"name,user,\xc3\xbc\nnorth,ann,x",
        b"\r\nuser,name\r\nann,north\r\n",
    ],
)
def test_a_csv_file_may_be_written_in_many_ways(table: bytes) -> None:
    given(table=table)
    (job,) = jobs().values()
    assert job["url"].text == "sftp://ann@127.0.0.1/in"


def test_cells_are_kept_as_they_are_and_not_expanded_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SECOND", "wrong")
    given(
        JOB.replace("files: in", "files: ${a}\n    match: $${b}"),
        'name,user,a\nx,u," ${SECOND}, ""q"" "\n',
    )
    (job,) = jobs().values()
    assert job["files"] == ' ${SECOND}, "q" '
    assert job["match"] == ("${b}",)


def test_a_column_goes_before_the_environment_which_goes_before_a_default(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("user", "of-environment")
    monkeypatch.setenv("rate", "7/s")
    given(table="name,rate\na,\n")
    (job,) = jobs().values()
    assert job["url"].text == "sftp://of-environment@127.0.0.1/in"
    assert job["rate"].text == "1 every 30s"  # as in a shell, for an empty one


def test_rows_may_stand_in_the_configuration_and_defaults_apply() -> None:
    rows = "[{name: a, user: ann}, {name: b, user: 012, rate: 5/s}]"
    given("defaults: {timeout: 33s}\n" + JOB.replace("partners.csv", rows))
    found = jobs()
    assert [job["url"].text for job in found.values()] == [
        "sftp://ann@127.0.0.1/in",
        "sftp://012@127.0.0.1/in",
    ]
    assert found["partner-b"]["rate"].text == "5/s"
    assert {job["timeout"] for job in found.values()} == {33}


def test_a_job_without_each_is_as_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("name", "x")
    given(JOB + "  own: {url: 'http://h/${name}', files: in, rate: 1/s}\n")
    assert jobs()["own"]["url"].text == "http://h/x"


def test_a_later_file_changes_all_jobs_of_a_table_by_their_key() -> None:
    given()
    Path("b.yaml").write_text("jobs: {'partner-${name}': {files: 'in/${user}'}}")
    found = jobs("-c", "jobs.yaml", "-c", "b.yaml")
    assert [job["files"] for job in found.values()] == ["in/ann", "in/bob", "in/cyd"]


def test_options_change_all_jobs_or_one() -> None:
    given()
    found = jobs(
        "--set", "jobs.partner-south.rate=7/s", "--set", "jobs.partner-${name}.rate=5/s",
        "--set", "jobs.partner-${name}.files=in/${user}", "--rate", "3/s", "--count", "9",
    )  # fmt: skip
    assert [job["rate"].text for job in found.values()] == ["5/s", "7/s", "5/s"]
    assert [job["files"] for job in found.values()] == ["in/ann", "in/bob", "in/cyd"]
    assert {job["count"] for job in found.values()} == {9}
    Path("other.csv").write_text("name,user\neast,eve\n")
    assert list(jobs("--set", "jobs.partner-${name}.each=other.csv")) == ["partner-east"]


def test_an_option_may_hold_the_rows() -> None:
    given(JOB.replace("key:", "password: ${pw}\n    key:"))
    found = read("--set", "jobs.partner-${name}.each=[{name: a, user: u, pw: geheim}]")
    assert list(found.jobs) == ["partner-a"]
    assert "geheim" in found.secrets()
    Path("jobs.yaml").chmod(0o644)
    assert files_exposing_secrets(found.tree, found.schema) == []
    wrong = "jobs.partner-${name}.each=[{name: a, user: u, pw: p, rate: often}]"
    assert "column rate: jobs.partner-a.rate: 'often' is not a rate" in errors("--set", wrong)


def test_a_pattern_selects_jobs() -> None:
    given(TABLE and JOB + "  own: {url: 'http://h/', files: in, rate: 1/s}\n")
    assert list(jobs("--job", "partner-*th", "--job", "own")) == [
        "partner-north",
        "partner-south",
        "own",
    ]
    assert "--job: no job fits 'partnr-*'; did you mean 'partner-" in errors("--job", "partnr-*")


def test_each_problem_of_a_cell_names_table_and_configuration() -> None:
    given(table="name,user,rate\na,ann,1/s\nb,bob,often\n")
    assert "partners.csv:3: column rate: jobs.partner-b.rate: 'often' is not a rate" in errors()
    assert errors().endswith("(jobs.yaml:7:11)")


@pytest.mark.parametrize(
    ("table", "reason"),
    [
        ("", "partners.csv:1: no header"),
        ("name,user\n", "partners.csv:1: the table has no rows"),
        ("name,user\na,b\n\nc\n", "partners.csv:4: the row has 1 cells, and the header 2 columns"),
        ("name,user\na,b,c\n", "partners.csv:2: the row has 3 cells, and the header 2 columns"),
        ("name,user, name \na,b,c\n", "partners.csv:1: column name: given twice"),
        ("name,,user\na,b,c\n", "partners.csv:1: column 2 has no name"),
        ("name,user\na/b,c\n", "partners.csv:2: column name: jobs.partner-${name}: 'partner-a/b'"),
        ("name,user\na,b\nc,d\na,e\n", "partners.csv:4: column name: jobs.partner-${name}: there "
         "is a job partner-a already, in partners.csv:2"),
        ('name,user\n"a"b,c\n', "partners.csv:2: not CSV: "),
        ('name,user\n"a,c\n', "partners.csv:2: not CSV: "),
        ("name,user\na,\0\n", "partners.csv:2: has a null character"),
        (b"name,user\na,\xff\n", "partners.csv: not UTF-8 text (byte 12)"),
        ("name,usr\na,b\n", "partners.csv has no column user; did you mean 'usr'?, nor is there"),
        ("nam,user\na,b\n", "partners.csv has no column name; did you mean 'nam'?, nor is there"),
    ],
)  # fmt: skip
def test_a_wrong_table_is_an_error_with_its_place(table: Union[str, bytes], reason: str) -> None:
    given(table=table)
    assert reason in errors()


def test_the_name_of_a_job_must_not_be_empty() -> None:
    given(JOB.replace("partner-${name}:", "${name}:"), "name,user\n,b\n")
    assert "partners.csv:2: column name: jobs.${name}: the name of its job is empty" in errors()


def test_a_job_that_a_wrong_row_would_have_made_is_no_further_error() -> None:
    given(table="name,user\na,b\nc\n")
    assert errors("--job", "partner-c") == errors()
    given(JOB + "    wrong: key\n")
    assert "unknown key" in errors("--job", "partner-c")
    assert "there is no job 'partner-c'" in errors("--job", "partner-c")


@pytest.mark.parametrize("each", ["${NO_TABLE}", "[{name: a, user: '${NO_TABLE}'}]"])
def test_a_variable_that_the_table_needs_must_be_set(each: str) -> None:
    given(JOB.replace("partners.csv", each))
    assert "the variable NO_TABLE is not set" in errors()


def test_each_is_a_path_or_a_list() -> None:
    given()
    Path("partners.csv").unlink()
    assert "partners.csv: cannot be read: No such file or directory" in errors()
    for value in ("{a: b}", "''"):
        given(JOB.replace("partners.csv", value))
        assert "jobs.partner-${name}.each: must be the path of a CSV file, or a list" in errors()
    given(JOB.replace("partners.csv", "[{name: a, user: [x, {y: z}]}, text, {name: b, user: c}]"))
    assert "jobs.yaml:3:42: jobs.partner-${name}.each: a row must be a mapping" in errors()
    given("defaults: {each: partners.csv}\n" + JOB)
    assert "defaults.each: each belongs to one job" in errors()
    given(JOB.replace("    each: partners.csv\n", ""))
    assert "${…} in it needs the key each" in errors()


def test_a_job_of_the_file_and_one_of_a_row_cannot_have_one_name() -> None:
    given(JOB + "  partner-south: {url: 'http://h/', files: in, rate: 1/s}\n")
    assert "there is a job partner-south already, in jobs.yaml:8:3" in errors()


def test_the_same_mistake_in_a_thousand_rows_is_told_in_a_few_lines() -> None:
    rows = "".join(f"n{number},u\n" for number in range(1000))
    given(JOB.replace("files: in", "files: in\n    tmeout: 3s"), f"name,user\n{rows}")
    assert "\n" not in errors()
    assert "unknown key; did you mean 'timeout'?; and 999 more rows" in errors()
    given(JOB, f"name,rate\n{rows}")
    told = errors()
    assert told.count("is not a rate") == 3
    assert "and 997 more rows" in told
    assert "no column user" in told
    assert "and 999 more rows" in told


def test_secret_cells_are_secret() -> None:
    table = "name,user,pw,token\na,ann,hunter22,t0ken\nb,bob,geheim23,t1ken\n"
    given(
        JOB.replace("key:", 'password: "x-${pw}"\n    remote_name: "${token}-{seq}"\n    key:'),
        table,
    )
    found = read()
    hidden = {"hunter22", "x-hunter22", "geheim23", "t0ken", "t1ken"}
    assert hidden <= found.secrets()
    assert not {"a", "ann", "b", "bob"} & found.secrets()
    shown = "\n".join(show(found.tree, found.schema))
    assert not [secret for secret in hidden if secret in shown]
    assert "sftp://ann@127.0.0.1/in" in shown
    assert "# partners.csv:3" in shown
    assert "each" not in shown
    Path("partners.csv").chmod(0o644)
    assert files_exposing_secrets(found.tree, found.schema) == ["partners.csv"]
    Path("partners.csv").chmod(0o640)
    assert files_exposing_secrets(found.tree, found.schema) == []


def test_a_password_in_a_url_is_secret_and_its_user_is_not() -> None:
    given(JOB.replace("${user}@", "${user}:${pin}@"), "name,user,pin\na,ann,4711\n")
    secrets = read().secrets()
    assert "4711" in secrets
    assert "ann" not in secrets


def test_errors_show_no_secret_cell() -> None:
    given(
        JOB.replace("files:", "password: ${pw}\n    count: ${pw}\n    files:"),
        "name,user,pw\na,ann,hunter22\n",
    )
    told = errors()
    assert "column pw: jobs.partner-a.count" in told
    assert "hunter22" not in told


def test_secrets_of_a_variable_in_a_job_with_each_stay_secret(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MY_PASSWORD", "env-secret")
    given(JOB.replace("key:", "remote_name: '${MY_PASSWORD}'\n    key:"))
    assert "env-secret" in read().secrets()


def test_rows_start_spread_over_their_period_whichever_are_selected() -> None:
    table = "name,user,rate\na,u,\nb,u,\nc,u,2/s\nd,u,\n"
    given(table=table)
    found = jobs()
    assert [job["start_after"] for job in found.values()] == [0, 10, 0, 20]
    assert jobs("--job", "partner-d")["partner-d"]["start_after"] == 20
    assert found["partner-a"]["rate"] == Constant(Fraction(1, 30), "1 every 30s")
    given(JOB + "    spread: false\n", table)
    assert {job["start_after"] for job in jobs().values()} == {0}


def test_rows_start_spread_over_the_period_that_the_defaults_give() -> None:
    rate = "    rate: ${rate:-1 every 30s}\n"
    given(f"defaults: {{rate: 1 every 30s}}\n{JOB.replace(rate, '')}")
    assert [job["start_after"] for job in jobs().values()] == [0, 10, 20]


def test_the_configuration_that_is_shown_is_read_as_the_same_jobs() -> None:
    table = "name,user,rate\na,u,\nb,u,2/s\nc,u,\nd,u,\n"
    given(f"{JOB}  plain: {{url: 'http://h/', files: in, rate: 1/s}}\n", table)
    asked = read()
    Path("shown.yaml").write_text("\n".join(show(asked.tree, asked.schema)))
    shown = read("-c", "shown.yaml").jobs
    assert shown["partner-d"]["start_after"] == 20  # though it has no table any more
    assert list(shown) == list(asked.jobs)
    for name, job in asked.jobs.items():
        kept = {key: repr(value) for key, value in job.items() if key != SPREAD_OVER}
        assert {key: repr(value) for key, value in shown[name].items()} == kept
