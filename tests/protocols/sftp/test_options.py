from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import voluptuous as vol

from fthg.clock import Clock
from fthg.errors import StartError
from fthg.placeholders import Template
from fthg.protocols.options import make_options
from fthg.protocols.sftp import SftpSender
from fthg.protocols.sftp.options import SftpOptions


def options(**given: Any) -> SftpOptions:
    common: dict[str, Any] = {
        "job": "orders",
        "url": Template(given.pop("url", "sftp://127.0.0.1/in")),
        "timeout": 10.0,
        "connect_timeout": 5.0,
        "connections": 1,
        "reuse": True,
    }
    return make_options(SftpOptions, vol.Schema(SftpSender.keys)(given), **common)


def faults(**given: Any) -> dict[str, str]:
    return dict(options(**given).conflicts())


@pytest.mark.parametrize(
    "given",
    [
        {"key": "k"},
        {"agent": "true"},
        {"password": "p"},
        {"url": "sftp://me:p@127.0.0.1/in"},
        {"key": "k", "passphrase": "p", "password": "p"},
    ],
)
def test_every_credential_is_enough_to_log_in(given: dict[str, Any]) -> None:
    assert not faults(**given)


def test_no_credential_is_an_error_that_names_the_choices() -> None:
    assert "give key, password, password_file or agent: true" in faults()["url"]


def test_keys_that_do_not_go_together_are_errors(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("p\n")
    assert "password_file" in faults(password="p", password_file=str(secret))
    assert "passphrase" in faults(password="p", passphrase="p")
    assert "give key, or agent" in faults(password="p", certificate="c")["certificate"]
    assert not faults(agent="true", certificate="c")
    assert faults(password="p", temporary_name="{seq}") == {
        "temporary_name": "it has no effect without atomic: true"
    }
    assert "md5_base64" in faults(password="p", marker="{md5_base64}")["marker"]
    assert (
        "md5_base64"
        in faults(password="p", atomic="true", temporary_name="{md5_base64}")["temporary_name"]
    )
    assert "port" in faults(url="sftp://host:none/in", password="p")["url"]


@pytest.mark.parametrize(
    ("key", "given"),
    [
        ("temporary_name", {"temporary_name": "{filename}"}),
        ("temporary_name", {"temporary_name": "x{seq}", "remote_name": "in/x{seq}"}),
        ("marker", {"marker": "{filename}"}),
        ("marker", {"marker": "./{filename}"}),
        ("marker", {"marker": "{filename}.{uuid}.part"}),
        ("marker", {"marker": "{stem}.x", "temporary_name": "{stem}.x"}),
    ],
)
def test_names_that_are_surely_the_same_are_errors(key: str, given: dict[str, str]) -> None:
    assert "they must differ" in faults(password="p", atomic="true", **given)[key]


@pytest.mark.parametrize("key", ["remote_name", "temporary_name", "marker"])
@pytest.mark.parametrize("name", ["", "done/"])
def test_a_name_of_no_file_is_an_error(key: str, name: str) -> None:
    found = faults(password="p", atomic="true", **{key: name})
    assert found == {key: "it must end with the name of a file"}


@pytest.mark.parametrize(
    ("remote_name", "temporary_name", "warned"),
    [
        ("{seq}{suffix}", "{filename}.part", True),
        ("{seq}{suffix}", "{seq}.part", False),
        ("{seq}{suffix}", "", False),
        ("{filename}", "{job}{suffix}.tmp", True),
        ("{filename}", "{filename}.part", False),  # --check says that they overwrite each other
    ],
)
def test_a_temporary_name_that_two_transfers_may_share_is_warned_of(
    remote_name: str, temporary_name: str, warned: bool
) -> None:
    given = {"temporary_name": temporary_name} if temporary_name else {}
    made = options(password="p", atomic="true", remote_name=remote_name, **given)
    assert any("temporary_name" in each for each in made.warnings()) is warned


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("sftp://host", ("host", 22, None, None)),
        ("sftp://host/in", ("host", 22, None, None)),
        ("SFTP://me@host:2222/in", ("host", 2222, "me", None)),
        ("sftp://me:p%40ss@host/in", ("host", 22, "me", "p@ss")),
        ("sftp://me:@host/in", ("host", 22, "me", "")),
        ("sftp://me%40corp@[2001:db8::1]:22/in", ("2001:db8::1", 22, "me@corp", None)),
        ("sftp://host/in?x#y/{uuid}", ("host", 22, None, None)),
    ],
)
def test_a_url_names_server_and_user(url: str, server: tuple[Any, ...]) -> None:
    found = options(url=url).server
    assert (found.host, found.port, found.user, found.password) == server


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("sftp:///in", "names no host"),
        ("sftp://host:none/in", "port"),
        ("sftp://host:70000/in", "port"),
        ("sftp://[::1/in", "IPv6"),
        ("sftp://{job}/in", "placeholders"),
        ("sftp://me:{job}@host/in", "placeholders"),
        ("sftp://host?x/in", "begins with /"),
        ("sftp://me:12#34@host/in", "in a password"),
    ],
)
def test_a_wrong_url_is_refused_with_the_reason(url: str, reason: str) -> None:
    assert reason in faults(url=url, password="p")["url"]


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ("bastion.example.com", (None, "bastion.example.com", 22)),
        ("Ann%40corp@Bastion:2222", ("Ann@corp", "bastion", 2222)),
        ({"host": "ann@[2001:db8::1]:22", "key": "k"}, ("ann", "2001:db8::1", 22)),
    ],
)
def test_a_jump_host_is_a_user_and_a_host_or_a_mapping(given: Any, read: Any) -> None:
    jump = options(jump=given).jump
    assert jump is not None
    assert (jump.user, jump.host, jump.port) == read


@pytest.mark.parametrize(
    "given",
    ["", "ann@", "ann:secret@h", "h/in", "h:none", "ann@h,ann@i", {},
     {"host": "h", "user": "ann"}, ["h"]],
)  # fmt: skip
def test_what_is_no_jump_host_is_refused(given: Any) -> None:
    with pytest.raises(vol.Invalid):
        options(jump=given)


def test_the_way_to_the_server_in_words_without_secrets() -> None:
    assert options().way == ""
    jump = {"host": "ann@bastion.example.com", "key": "k", "passphrase": "geheim1"}
    way = options(proxy="socks5://u:geheim2@p.example.com", jump=jump).way
    assert way == "via socks5://p.example.com, jump host bastion.example.com port 22"


def test_ways_that_sftp_cannot_go_are_errors() -> None:
    assert "not through https://" in faults(key="k", proxy="https://p")["proxy"]
    jump = {"host": "h", "passphrase": "p"}
    assert "belongs to a key" in faults(key="k", jump=jump)["jump"]


@pytest.mark.parametrize(("mode", "bits"), [("0640", 0o640), ("640", 0o640), ("0o1777", 0o1777)])
def test_a_mode_is_octal(mode: str, bits: int) -> None:
    assert options(mode=mode).mode == bits


@pytest.mark.parametrize("mode", ["0840", "rw-r--r--", "6", "", "064000"])
def test_a_mode_that_is_not_octal_is_refused(mode: str) -> None:
    with pytest.raises(vol.Invalid, match="write it in octal"):
        options(mode=mode)


def test_the_defaults_are_those_of_the_schema() -> None:
    made, default = options(), SftpOptions("orders", timeout=10.0, connect_timeout=5.0)
    for each in fields(SftpOptions):
        if each.name == "remote_name":
            assert made.remote_name.text == default.remote_name.text
        elif each.name != "url":
            assert getattr(made, each.name) == getattr(default, each.name)


def test_no_secret_is_shown() -> None:
    shown = repr(options(url="sftp://u:geheim1@h/", password="geheim2", passphrase="geheim3"))
    assert "geheim" not in shown


def test_every_key_has_a_description() -> None:
    assert all(key.description for key in SftpSender.keys)


def test_a_missing_agent_stops_the_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    with pytest.raises(StartError, match="SSH_AUTH_SOCK is not set"):
        SftpSender(options(agent="true", host_key="ignore"), Clock())
    monkeypatch.setenv("SSH_AUTH_SOCK", str(tmp_path / "none"))
    with pytest.raises(StartError, match="agent: "):
        SftpSender(options(agent="true", host_key="ignore"), Clock())


def test_an_unusable_key_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(StartError, match="No such file"):
        SftpSender(options(key=str(tmp_path / "none"), host_key="ignore"), Clock())


@pytest.mark.parametrize(
    ("url", "remote_name", "overwrites"),
    [
        ("sftp://h/in", "{filename}", True),
        ("sftp://h/{job}", "{size}-{path}", True),
        ("sftp://h/in", "{filename}.{uuid}", False),
        ("sftp://h/{seq}", "{filename}", False),
        ("sftp://h/in", "{epoch_ms}{suffix}", False),
    ],
)
def test_a_name_without_anything_that_differs_is_overwritten(
    url: str, remote_name: str, overwrites: bool
) -> None:
    assert options(url=url, remote_name=remote_name).overwrites() is overwrites


def test_a_job_has_one_connection_and_64_files_on_it() -> None:
    assert (SftpSender.default_connections, SftpSender.max_in_flight) == (1, 64)


NAMELESS = """
import getpass, os, pwd, sys
from fthg.errors import StartError
from fthg.protocols.sftp import _own_name
os.setuid(54321)
try:
    print(_own_name())
except StartError as error:
    print(error)
"""


def test_a_process_whose_user_has_no_name_is_told_to_set_one() -> None:
    environment = {name: value for name, value in os.environ.items() if "PATH" in name}
    ran = subprocess.run(
        [sys.executable, "-c", NAMELESS],
        check=False,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert ran.stdout == "user: the number 54321 has no name on this host; set user:\n", ran.stderr
