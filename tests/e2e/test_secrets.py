"""Secrets in every place that takes one, and a search for them in all outputs."""

from __future__ import annotations

import argparse
import base64
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import gevent
import pytest

from fthg import cli
from fthg.program import program
from tests.servers import free_port
from tests.servers.certificates import client_certificate, make_ca, server_certificate
from tests.servers.faulty import Conversation, Faulty, faulty
from tests.servers.mariadb import PASSWORD, USER, MariaDB, mariadb
from tests.servers.nginx import nginx
from tests.servers.sshd import running

from .canaries import Canaries
from .program import Ended, fthg, on_terminal

pytestmark = pytest.mark.timeout(240)


def repeat(client: Conversation) -> None:
    """Answer with a line of each request, the next one each time."""
    number = client.number
    while request := client.read_request():
        lines = [*request.partition(b"\r\n\r\n")[0].split(b"\r\n"), request[-150:]]
        said = lines[number % len(lines)]
        # Once as it is, once so late that it is cut off within.
        client.answer("401 Unauthorized", said if number % 2 else b"x" * 165 + b" " + said)
        number += 1


def repeat_nonsense(client: Conversation) -> None:
    client.read_request()
    client.send(client._heard[-1][client.number :])


@contextmanager
def syslog() -> Iterator[tuple[Path, list[bytes]]]:
    """Open a local socket as journald has it; yields it and the messages received."""
    directory = Path(tempfile.mkdtemp(prefix="fthg-log-"))
    heard: list[bytes] = []
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(directory / "log"))

        def listen() -> None:
            while True:
                heard.append(listener.recv(65536))

        listening = gevent.spawn(listen)
        yield directory / "log", heard
        listening.kill()
    shutil.rmtree(directory)


Inside = Callable[..., Ended]
"""Runs fthg with these words."""


class Load:
    """A configuration of many jobs, each with secrets of its own."""

    def __init__(self, directory: Path, canaries: Canaries) -> None:
        self.directory = directory
        self.canaries = canaries
        self._jobs: list[str] = []
        (directory / "files").mkdir()
        (directory / "files" / "a.xml").write_text("<a/>")
        (directory / "home").mkdir()

    def add(self, name: str, url: str, *lines: str) -> None:
        self._jobs.append("\n    ".join([f"  {name}:", f'url: "{url}"', *lines]))

    def file(self, place: str) -> str:
        """Write a file with the secret of this place."""
        path = self.directory / f"{place}.secret"
        path.write_text(self.canaries.word(place) + "\n")
        path.chmod(0o600)
        return str(path)

    def write(self) -> None:
        path = self.directory / "jobs.yaml"
        path.write_text(
            "run: {duration: 2s, results: results.jsonl, summary: summary.json}\n"
            "defaults: {files: files, rate: 8/s, connect_timeout: 5s}\njobs:\n"
            + "\n".join(self._jobs)
            + "\n"
        )
        path.chmod(0o640)

    def environment(self) -> dict[str, str]:
        proxy = f"http://ann:{self.canaries.in_url('env-proxy')}@127.0.0.1:{free_port()}"
        netrc = self.directory / "netrc"
        netrc.write_text(f"machine localhost login ann password {self.canaries.plain('netrc')}\n")
        netrc.chmod(0o600)
        return {
            "UPLOAD_TOKEN": self.canaries["variable"],
            "HOME": str(self.directory / "home"),
            "NETRC": str(netrc),
            "https_proxy": proxy,
        }

    def run(self, *words: str) -> tuple[Ended, dict[str, bytes]]:
        """Run it and return all outputs by their names."""
        ended = fthg("-c", "jobs.yaml", *words, cwd=self.directory, env=self.environment())
        outputs = ended.outputs
        for path in self.directory.glob("*.out"):
            outputs[path.name] = path.read_bytes()
            path.unlink()
        return ended, outputs


def http_jobs(load: Load, server: Faulty, nonsense: Faulty) -> None:
    secret, root = load.canaries, server.url
    query = f"token={secret.in_url('token')}&name={{filename}}&sig={quote(secret['sig'])}"
    userinfo = root.replace("//", f"//ann:{secret.in_url('userinfo')}%40%3A%25@")
    load.add("userinfo", f"{userinfo}/up?{query}")
    load.add("lone", root.replace("//", f"//{secret.in_url('lone-token-as-user')}@") + "/up")
    load.add(
        "variable",
        f"{root}/up/${{UPLOAD_TOKEN}}/{{filename}}",
        "headers: {X-V: 'x${UPLOAD_TOKEN}'}",
    )
    basic = base64.b64encode(f"ann:{secret['basic-header']}".encode()).decode()
    headers = [
        "headers:",
        f"  Authorization: 'Bearer {secret.in_yaml('bearer-header')}'",
        f"  X-Api-Key: '{secret.in_yaml('api-key')}-{{uuid}}'",
        f"  Cookie: 'a=b; session={secret.in_yaml('cookie')}'",
        f"  Proxy-Authorization: 'Basic {basic}'",
    ]
    load.add("headers", f"{root}/up", *headers)
    load.add("nonsense", f"{nonsense.url}/up", *headers)
    load.add(
        "refused", f"http://127.0.0.1:{free_port()}/up?token={secret.in_url('token')}", *headers
    )
    load.add(
        "basic", root, f"auth: {{basic: {{user: ann, password: '{secret.in_yaml('basic')}'}}}}"
    )
    load.add(
        "basicfile",
        root,
        f"auth: {{basic: {{user: ann, password_file: {load.file('basic-file')}}}}}",
    )
    bearer = secret.word("bearer").replace("'", "''")
    load.add("bearer", root, f"auth: {{bearer: '{bearer}'}}")
    load.add("bearerfile", root, f"auth: {{bearer: {{token_file: {load.file('bearer-file')}}}}}")
    load.add(
        "digest", root, f"auth: {{digest: {{user: ann, password: '{secret.in_yaml('digest')}'}}}}"
    )
    for name, key in (
        ("oauth", f"client_secret: '{secret.in_yaml('oauth')}'"),
        ("oauthfile", f"client_secret_file: {load.file('oauth-file')}"),
    ):
        load.add(
            name, root, f"auth: {{oauth2: {{token_url: '{root}/token', client_id: ann, {key}}}}}"
        )
    proxy = root.replace("//", f"//ann:{secret.in_url('proxy')}@")
    load.add(
        "proxy",
        f"http://files.invalid/?token={secret.in_url('token')}",
        f"proxy: '{proxy}'",
        *headers,
    )
    load.add("tunnel", "https://files.invalid/", f"proxy: '{proxy}'", *headers)
    socks = proxy.replace("http://", "socks5h://")
    load.add("socks", "http://files.invalid/", f"proxy: '{socks}'", *headers)
    form = f"body: {{multipart: {{field: f, fields: {{password: '{secret.in_yaml('field')}'}}}}}}"
    load.add("form", root, form)
    load.add("moved", root, "follow_redirects: true", *headers)
    load.add("environment", "https://localhost:1/", "trust_env: true")


def ssh_jobs(load: Load, url: str, known_hosts: Path, key: Path) -> None:
    secret, common = load.canaries, f"known_hosts: {known_hosts}"
    load.add("ssh", url.replace("//", f"//ann:{secret.in_url('ssh-url')}%40x@"), common)
    load.add(
        "sshpassword", url, "user: ann", f"password: '{secret.in_yaml('ssh-password')}'", common
    )
    load.add("sshfile", url, "user: ann", f"password_file: {load.file('ssh-file')}", common)
    load.add("sshkey", url, f"key: {key}", f"passphrase: '{secret.in_yaml('ssh-key')}'", common)
    at = url.partition("//")[2].partition("/")[0]
    jump = f"host: 'ann@{at}', password_file: {load.file('jump-file')}"
    load.add("sshjump", url, "user: ann", "password: other", f"jump: {{{jump}}}", common)
    jump = f"host: '{at}', key: {key}, passphrase: '{secret.in_yaml('ssh-key')}'"
    load.add(
        "sshjumpkey", url, f"password_file: {load.file('ssh-file')}", f"jump: {{{jump}}}", common
    )
    proxy = f"proxy: 'socks5://ann:{secret.in_url('proxy')}@{at}'"
    load.add("sshproxy", url, f"password_file: {load.file('ssh-file')}", proxy, common)
    load.add("sshnobody", f"sftp://ann:{secret.in_url('ssh-url')}@127.0.0.1:{free_port()}/", common)


@pytest.fixture(scope="module")
def load(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Load]:
    """Start all kinds of servers, and yield jobs for each."""
    home, canaries = tmp_path_factory.mktemp("canaries"), Canaries()
    made, ca = Load(home, canaries), make_ca(home)
    pair = client_certificate(ca, home, passphrase=canaries["tls-key"])
    site = server_certificate(ca, home)
    ssh_home = tmp_path_factory.mktemp("ssh")
    with (
        faulty(repeat) as server,
        faulty(repeat_nonsense) as nonsense,
        running(ssh_home) as ssh,
        nginx(tmp_path_factory.mktemp("tls"), site, client_ca=ca.cert) as tls,
    ):
        http_jobs(made, server, nonsense)
        key = ssh.make_key("id_locked", "ed25519", canaries["ssh-key"])
        ssh_jobs(made, ssh.url(), ssh.known_hosts, key)
        url = f"{tls.url}/up/{{uuid}}?token={canaries.in_url('token')}"
        mine = [
            f"cert: {pair.cert}",
            f"key: {pair.key}",
            f"passphrase: '{canaries.in_yaml('tls-key')}'",
        ]
        made.add("tls", url, "method: PUT", f"ca: {ca.cert}", *mine)
        made.add("unknown", url, *mine)
        for path in (pair.key, site.key, key, ssh.key):
            canaries.hide_keys(path)
        made.write()
        yield made


LOUD = ["-vvv", "--results", "results.out", "--summary", "summary.out", "--log-file", "log.out"]


@pytest.mark.parametrize(
    "words", [["--log-format", "text"], ["--log-format", "json", "--workers", "2"]]
)
def test_no_output_of_a_load_run_shows_a_secret(load: Load, words: list[str]) -> None:
    with syslog() as (address, heard):
        given = ["--set", f"jobs.bearer.headers.X-Api-Key={load.canaries['set']}"]
        ended, outputs = load.run(*LOUD, *words, *given, "--syslog", str(address))
    outputs["syslog"] = b"\n".join(heard)
    assert ended.status == 0, ended.err[-3000:]
    assert {name for name, data in outputs.items() if not data} == set()
    for job in (
        "userinfo",
        "digest",
        "oauth",
        "oauthfile",
        "nonsense",
        "tunnel",
        "sshkey",
        "sshjump",
        "sshjumpkey",
        "tls",
        "environment",
    ):
        assert f'"job":"{job}"'.encode() in outputs["results.out"], "it must have run"
    assert b"Unauthorized" in outputs["results.out"], "the servers must have repeated requests"
    assert sorted(load.canaries.found(outputs)) == []


def test_a_live_view_shows_no_secret(load: Load) -> None:
    shown = on_terminal("-c", "jobs.yaml", "-vv", cwd=load.directory, env=load.environment())
    assert b"progress" in shown
    assert b"scheduled" in shown
    assert load.canaries.found({"terminal": shown}) == []


@pytest.fixture
def inside(
    load: Load, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Inside:
    """Run it in this process, which is quicker where nothing is sent."""
    monkeypatch.chdir(load.directory)
    for name, value in load.environment().items():
        monkeypatch.setenv(name, value)

    def run(*words: str) -> Ended:
        status = program(cli.parse(words))
        said = capfd.readouterr()
        return Ended(status, said.out, said.err)

    return run


@pytest.mark.parametrize("words", [["--check", "-vvv"], ["--show-config"]])
def test_neither_the_plan_nor_the_configuration_shows_a_secret(
    load: Load, inside: Inside, words: list[str]
) -> None:
    ended = inside("-c", "jobs.yaml", *words)
    assert ended.status == 0, ended.err
    assert "userinfo" in ended.out
    assert load.canaries.found(ended.outputs) == []


@pytest.mark.parametrize(
    "words",
    [
        ["--set", "jobs.userinfo.rate=often"],
        ["--set", "jobs.headers.headers.X-Api-Key={nothing}"],
        ["--set", "jobs.sshkey.passphrase=wrong"],
        ["--set", "jobs.tls.passphrase=wrong"],
        ["--results", "/no/where"],
        ["--log-file", "/no/where"],
    ],
)
def test_a_run_that_cannot_start_shows_no_secret(
    load: Load, inside: Inside, words: list[str]
) -> None:
    ended = inside("-c", "jobs.yaml", *words)
    assert ended.status in (2, 3)
    assert ended.err.startswith("fthg: ")
    assert load.canaries.found(ended.outputs) == []


def test_an_ad_hoc_job_shows_no_secret(load: Load) -> None:
    secret = load.canaries
    with faulty(repeat) as server:
        ended = fthg(
            "--url", f"{server.url}/?token={secret.in_url('option-url')}", "--files", "files",
            "--rate", "20/s", "--duration", "1s", "-u", f"ann:{secret['option-user']}",
            "-H", f"X-Api-Key: {secret['option-header']}", "-vvv", "--results", "-",
            cwd=load.directory,
        )  # fmt: skip
    assert ended.status == 0, ended.err
    assert "Unauthorized" in ended.out
    assert secret.found(ended.outputs) == []


# --- tracking


@pytest.fixture(scope="module")
def database() -> Iterator[MariaDB]:
    with mariadb() as server:
        for side in ("ingress", "egress"):
            server.schema(side)
        yield server


def sides(canaries: Canaries, port: int, directory: Path) -> dict[str, str]:
    """Return a side with a wrong password for each way to give one."""
    (directory / "secret").write_text(canaries["password-file"])
    (directory / "my.cnf").write_text(f"[client]\npassword={canaries['option-file']}\n")
    where = f"host: 127.0.0.1, port: {port}, user: {USER}, database: ingress"
    return {
        "url": f'"mysql://{USER}:{canaries.in_url("mysql-url")}@127.0.0.1:{port}/ingress"',
        "password": f"{{{where}, password: '{canaries.in_yaml('mysql-password')}'}}",
        "password_file": f"{{{where}, password_file: secret}}",
        "option_file": f"{{{where}, option_file: my.cnf}}",
    }


@pytest.mark.parametrize("way", ["url", "password", "password_file", "option_file"])
def test_no_output_of_a_refused_login_shows_the_password(
    database: MariaDB, tmp_path: Path, inside: Inside, way: str
) -> None:
    canaries = Canaries()
    given = sides(canaries, database.port, tmp_path)[way]
    config = tmp_path / "jobs.yaml"
    config.write_text(
        f"jobs: {{}}\ntrack: {{ingress: {given}, egress: {given}, from: now-1h, once: true}}\n"
    )
    report = ["--track", "-c", str(config), "-o", str(tmp_path / "report.html")]
    for words in (["--show-config"], ["--check", "-vvv"]):
        ended = inside(*report, *words)
        assert ended.status == 0, ended.err
        assert canaries.found(ended.outputs) == []
    ended = fthg(*report, "-vvv", "--log-file", "log.out", cwd=tmp_path)
    assert ended.status == 4, ended.err
    assert "1045" in ended.err
    log = (tmp_path / "log.out").read_bytes()
    assert canaries.found({**ended.outputs, "log": log}) == []


def test_no_output_of_a_report_shows_the_password(database: MariaDB, tmp_path: Path) -> None:
    url = f"mysql://{USER}:{PASSWORD}@127.0.0.1:{database.port}"
    for side in ("ingress", "egress"):
        row = f"'0-{side}', 'a.xml', UTC_TIMESTAMP(), NULL, NULL"
        database.run(f"INSERT INTO {side}.transfers VALUES ({row})")
    ended = fthg(
        "--track", "--set", f"track.ingress={url}/ingress", "--set", f"track.egress={url}/egress",
        "--from", "now-1h", "--to", "now+1m", "--grace", "1h", "--once", "-vvv",
        "-o", "r.html", "--csv", "r.csv", "--summary", "r.json", "--log-file", "r.log",
        cwd=tmp_path,
    )  # fmt: skip
    assert ended.status in (0, 5), ended.err
    for name in ("r.html", "r.csv", "r.json", "r.log"):
        text = (tmp_path / name).read_text()
        assert text
        assert PASSWORD not in text
    assert PASSWORD not in ended.out + ended.err


# --- unexpected errors


class Odd:
    """An option's value that raises an error with secrets when it is used."""

    def __eq__(self, other: object) -> bool:
        raise RuntimeError("it was hunter2\x1b[31m and hunter3")

    def __bool__(self) -> bool:
        return self == 0

    __hash__ = None  # type: ignore[assignment]


def test_the_traceback_of_an_unexpected_error_shows_no_secret(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a").write_text("a")
    given = ["-u", "ann:hunter2", "-H", "Cookie: hunter3"]
    args = cli.parse(["--url", "http://h/", "--files", str(tmp_path), "--rate", "1/s", *given])
    assert program(argparse.Namespace(**{**vars(args), "color": Odd()})) == 1
    shown = capsys.readouterr().err
    assert "RuntimeError: it was ***\\x1b[31m and ***" in shown
    assert "hunter" not in shown


def test_the_traceback_of_an_error_while_reading_shows_no_secret(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "jobs.yaml").write_text("jobs: {a: {url: 'sftp://ann:hunter2@h/'}}")
    args = cli.parse(["-c", str(tmp_path / "jobs.yaml"), "--set", "track.ingress.password=hunter3"])
    assert program(argparse.Namespace(**{**vars(args), "verbose": Odd()})) == 1
    shown = capsys.readouterr().err
    assert "RuntimeError: it was ***\\x1b[31m and ***" in shown
    assert "hunter" not in shown


BROKEN = """
from gevent import monkey
monkey.patch_all()
import os
from contextlib import nullcontext
from dataclasses import replace
from fthg import cli, load
from fthg.clock import Clock
from fthg.config import settings
from fthg.load.planning import make_plan
from fthg.program import SECTIONS
from fthg.writing import Stamp
from fthg.writing.terminal import standard_terminals

read = settings.read(cli.parse(
    ["--url", "http://127.0.0.1:9/", "--files", ".", "--rate", "1/s", "-u", "ann:hunter2"]
), SECTIONS)
plan = make_plan(read.run, read.jobs, Stamp("r", "d", "t"))
plan = replace(plan, workers=2, secrets=read.secrets())
parent = os.getpid()

def open_logs():
    if os.getpid() != parent:
        raise RuntimeError("it was hunter2\\x1b[31m")
    return nullcontext()

terminal = standard_terminals("auto")[1]
load.run(plan, load.Surroundings(Clock(), terminal), open_logs, lambda: nullcontext(id))
terminal.stream.close()
"""


def test_the_traceback_of_a_worker_shows_no_secret(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("a")
    shown = subprocess.run(
        [sys.executable, "-c", BROKEN],
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        timeout=60,
        check=False,
    ).stderr.decode()
    assert shown.count("RuntimeError: it was ***\\x1b[31m") == 2
    assert "hunter2" not in shown
    assert "\x1b" not in shown


@pytest.mark.parametrize("words", [["--check"], ["--show-config"], ["--duration", "1s", "-vvv"]])
def test_a_cell_that_is_a_secret_is_shown_at_no_other_place_either(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], words: list[str]
) -> None:
    (tmp_path / "a.txt").write_text("a")
    (tmp_path / "partners.csv").write_text('name,word\nnorth,"zu ge""heim"\n')
    config = tmp_path / "jobs.yaml"
    config.write_text(
        "jobs:\n  of-${name}:\n    each: partners.csv\n    url: http://127.0.0.1:9/?q=${word}\n"
        "    files: a.txt\n    rate: 5/s\n    headers: {X-Who: '${word}'}\n"
        "    auth: {basic: {user: u, password: '${word}'}}\n"
    )
    assert program(cli.parse(["-c", str(config), *words])) == 0
    said = capfd.readouterr()
    assert "of-north" in said.out
    assert "http://127.0.0.1:9/?q=***" in said.out
    assert "heim" not in said.out + said.err
