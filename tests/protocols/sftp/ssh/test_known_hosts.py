from __future__ import annotations

import resource
import subprocess
from pathlib import Path

import paramiko
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fthg.clock import SECOND
from fthg.errors import StartError, TransferError
from fthg.protocols.sftp import SftpSender
from fthg.protocols.sftp.ssh import known_hosts
from fthg.protocols.sftp.ssh.host_keys import HostKeys
from fthg.protocols.sftp.ssh.known_hosts import fingerprint
from tests.servers import need
from tests.servers.sshd import Sshd

from ..conftest import MakeSender, transfer

KEY = paramiko.ECDSAKey.generate()
OTHER = paramiko.ECDSAKey.generate()
NOW = 1_800_000_000 * SECOND
LINE = f"{KEY.get_name()} {KEY.get_base64()}"


def keys(path: Path, text: str, policy: str = "strict") -> HostKeys:
    path.write_text(text)
    return HostKeys(str(path), policy)


@pytest.mark.parametrize(
    ("hosts", "host", "port"),
    [
        ("example.com", "example.com", 22),
        ("a.example.com,example.com", "example.com", 22),
        ("Example.COM", "example.com", 22),
        ("example.com", "EXAMPLE.com", 22),
        ("[example.com]:2222", "example.com", 2222),
        ("example.com", "example.com", 2222),  # ssh falls back to the name without port
        ("*.example.com", "a.example.com", 22),
        ("host?", "host1", 22),
        ("*,!other.com", "example.com", 22),
        ("[2001:db8::1]:2222", "2001:db8::1", 2222),
    ],
)
def test_a_known_key_is_accepted(tmp_path: Path, hosts: str, host: str, port: int) -> None:
    keys(tmp_path / "known", f"{hosts} {LINE} a comment\n").check(host, port, KEY, NOW)


@pytest.mark.parametrize(
    ("hosts", "host", "port"),
    [
        ("example.com", "example.org", 22),
        ("[example.com]:2222", "example.com", 22),
        ("*,!example.com", "example.com", 22),
        ("[a-z]*", "example.com", 22),  # no brackets in these patterns
        ("|1|bm90|aGFzaA==", "example.com", 22),
        ("|1|broken", "example.com", 22),
    ],
)
def test_another_hosts_key_is_not(tmp_path: Path, hosts: str, host: str, port: int) -> None:
    with pytest.raises(TransferError, match="it is unknown; compare it, then: ssh-keyscan"):
        keys(tmp_path / "known", f"{hosts} {LINE}\n").check(host, port, KEY, NOW)


def test_hashed_names_are_understood_as_ssh_keygen_writes_them(tmp_path: Path) -> None:
    path = tmp_path / "known"
    path.write_text(f"[example.com]:2222 {LINE}\n")
    command = [need("ssh-keygen"), "-H", "-f", str(path)]
    subprocess.run(command, check=True, timeout=30, capture_output=True)
    assert "example" not in path.read_text()
    HostKeys(str(path), "strict").check("example.com", 2222, KEY, NOW)


def test_a_changed_key_is_refused_with_its_line_and_the_remedy(tmp_path: Path) -> None:
    trusted = keys(tmp_path / "known", f"# mine\nexample.com {LINE}\n", "accept-new")
    with pytest.raises(TransferError, match=r"CHANGED.*in line 2.*ssh-keygen -R 'example.com'"):
        trusted.check("example.com", 22, OTHER, NOW)


def test_a_revoked_key_is_refused_though_it_is_known(tmp_path: Path) -> None:
    text = f"example.com {LINE}\n@revoked * {LINE}\n"
    with pytest.raises(TransferError, match="@revoked"):
        keys(tmp_path / "known", text, "accept-new").check("example.com", 22, KEY, NOW)


def test_a_key_without_a_certificate_is_unknown_though_its_authority_is_known(
    tmp_path: Path,
) -> None:
    trusted = keys(tmp_path / "known", f"@cert-authority *.com {LINE}\n")
    with pytest.raises(TransferError, match="has no certificate of the @cert-authority"):
        trusted.check("example.com", 22, KEY, NOW)
    keys(tmp_path / "known", f"@cert-authority *.com {LINE}\nexample.com {LINE}\n").check(
        "example.com", 22, KEY, NOW
    )


def test_a_key_of_the_host_with_its_port_counts_more_than_one_without(tmp_path: Path) -> None:
    other = f"{OTHER.get_name()} {OTHER.get_base64()}"
    trusted = keys(tmp_path / "known", f"[example.com]:2222 {LINE}\nexample.com {other}\n")
    trusted.check("example.com", 2222, KEY, NOW)
    trusted.check("example.com", 22, OTHER, NOW)
    with pytest.raises(TransferError, match="CHANGED; known: ecdsa-sha2-nistp256 in line 1"):
        trusted.check("example.com", 2222, OTHER, NOW)


def test_one_of_several_keys_of_a_host_is_enough(tmp_path: Path) -> None:
    third = paramiko.RSAKey.generate(2048)
    lines = [f"example.com {key.get_name()} {key.get_base64()}\n" for key in (KEY, OTHER)]
    trusted = keys(tmp_path / "known", "".join(lines))
    trusted.check("example.com", 22, KEY, NOW)
    trusted.check("example.com", 22, OTHER, NOW)
    with pytest.raises(TransferError, match=r"CHANGED; known: ecdsa\S+ in line 1, ecdsa\S+ in lin"):
        trusted.check("example.com", 22, third, NOW)


@pytest.mark.parametrize(
    ("hosts", "host", "port", "known"),
    [
        ("*.example.com,!*.dev.example.com", "a.example.com", 22, True),
        ("*.example.com,!*.dev.example.com", "a.dev.example.com", 22, False),
        ("[*.example.com]:2222", "a.example.com", 2222, True),
        ("[*.example.com]:2222", "a.example.com", 2223, False),
        ("[*.example.com]:22??,![b.example.com]:*", "a.example.com", 2222, True),
        ("[*.example.com]:22??,![b.example.com]:*", "b.example.com", 2222, False),
        ("2001:db8::1", "2001:db8::1", 22, True),
        ("[2001:db8::*]:2222", "2001:db8::7", 2222, True),
        ("[2001:db8::1]:2222", "2001:db8::1", 22, False),
    ],
)
def test_patterns_are_those_of_ssh_keygen(
    tmp_path: Path, hosts: str, host: str, port: int, known: bool
) -> None:
    trusted = keys(tmp_path / "known", f"{hosts} {LINE}\n")
    assert bool(trusted.key_types(host, port)) is known
    name = host if port == 22 else f"[{host}]:{port}"
    command = [need("ssh-keygen"), "-F", name, "-f", str(tmp_path / "known")]
    found = subprocess.run(command, capture_output=True, timeout=30, check=False)
    assert bool(found.stdout) is known


@pytest.mark.parametrize(
    "bad", ["nonsense", "@what example.com ssh-rsa AAAA", "h ssh-rsa !!", f"h ssh-rsa {LINE}", "@"]
)
def test_a_malformed_line_does_not_hide_the_others(tmp_path: Path, bad: str) -> None:
    trusted = keys(tmp_path / "known", f"{bad}\n\n# comment\nexample.com {LINE}\r\n")
    trusted.check("example.com", 22, KEY, NOW)


@given(st.lists(st.text(max_size=60)))
def test_no_text_can_break_the_parser(lines: list[str]) -> None:
    parsed = known_hosts.parse(lines)
    entries, malformed = parsed.entries, parsed.malformed
    for entry in entries:
        known_hosts.matches_host(entry, "example.com")
    assert len(entries) + len(malformed) <= len(lines)


def test_the_lines_of_a_host_are_found_once() -> None:
    parsed = known_hosts.parse([f"|1|AAAA|AAAA {LINE}", f"example.com {LINE}"])
    assert [entry.line for entry in parsed.of("example.com")] == [2]
    assert parsed.of("example.com") is parsed.of("example.com")
    assert not parsed.of("example.org")


def test_a_new_key_is_learnt_once_on_a_line_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "known"
    trusted = keys(path, f"other.com {LINE}", "accept-new")  # no line end
    trusted.check("example.com", 2222, OTHER, NOW)
    trusted.check("example.com", 2222, OTHER, NOW)
    HostKeys(str(path), "strict").check("example.com", 2222, OTHER, NOW)
    assert len(path.read_text().splitlines()) == 2


def test_the_first_key_makes_the_file_and_its_directory_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "ssh" / "known"
    HostKeys(str(path), "accept-new").check("example.com", 22, KEY, NOW)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_a_new_key_is_remembered_even_if_it_cannot_be_written(tmp_path: Path) -> None:
    trusted = HostKeys("/proc/none/known", "accept-new")
    trusted.check("example.com", 22, KEY, NOW)
    trusted.check("example.com", 22, KEY, NOW)


def test_ignore_reads_no_file_and_accepts_all() -> None:
    HostKeys("/none", "ignore").check("example.com", 22, KEY, NOW)


def test_strict_without_a_file_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(StartError, match="does not exist; make it by `ssh-keyscan -p 22 HOST >> "):
        HostKeys(str(tmp_path / "none"), "strict")


def test_a_directory_as_known_hosts_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(StartError, match="cannot be read: Is a directory"):
        HostKeys(str(tmp_path), "strict")


def test_a_lack_of_descriptors_is_not_reported_as_a_host_key_error(
    tmp_path: Path,
) -> None:
    path = tmp_path / "known"
    trusted = keys(path, f"example.com {LINE}\n")
    path.write_text("")
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (3, limits[1]))
    try:
        with pytest.raises(TransferError) as caught:
            trusted.check("example.com", 22, KEY, NOW)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
    assert caught.value.kind == "descriptors"


def test_the_key_types_known_of_a_host_are_asked_for(tmp_path: Path) -> None:
    trusted = keys(tmp_path / "known", f"example.com {LINE}\n@revoked example.com {LINE}\n")
    assert trusted.key_types("example.com", 22) == (KEY.get_name(),)


@pytest.mark.parametrize("policy", ["strict", "accept-new"])
@pytest.mark.parametrize(
    "lines",
    [
        "[127.0.0.1]:{} RSA",
        "127.0.0.1 RSA",
        "[127.0.0.1]:{} RSA\n127.0.0.1 OWN",
        "127.0.0.1 RSA\n* OWN",
    ],
)
def test_a_host_of_which_another_key_is_known_is_judged_as_by_ssh(
    shared_server: Sshd, make_sender: MakeSender, tmp_path: Path, lines: str, policy: str
) -> None:
    other, known, file = paramiko.RSAKey.generate(2048), tmp_path / "known", tmp_path / "f"
    file.write_bytes(b"abc")
    text = lines.format(shared_server.port).replace("RSA", f"ssh-rsa {other.get_base64()}")
    text = text.replace("OWN", shared_server.host_key.with_suffix(".pub").read_text())
    known.write_text(f"{text}\n")
    checking = {"strict": "yes"}.get(policy, policy)
    command = [
        *(need("sftp"), "-b", "-", "-i", str(shared_server.key)),
        *("-P", str(shared_server.port), "-o", f"StrictHostKeyChecking={checking}"),
        *("-o", f"UserKnownHostsFile={known}", f"{shared_server.user}@127.0.0.1"),
    ]
    done = subprocess.run(command, input=b"pwd\n", capture_output=True, timeout=30, check=False)
    known.write_text(f"{text}\n")
    sender = make_sender(shared_server, known_hosts=str(known), host_key=policy)
    detail = _refusal(sender, file)
    assert bool(detail) is (done.returncode != 0)
    assert ("it has CHANGED" in detail) is (b"IDENTIFICATION HAS CHANGED" in done.stderr)


def _refusal(sender: SftpSender, file: Path) -> str:
    """Return why the host's key is refused, or nothing."""
    try:
        sender.send(transfer(file))
    except TransferError as error:
        return error.detail
    return ""


def test_a_fingerprint_is_what_ssh_keygen_shows(tmp_path: Path) -> None:
    public = tmp_path / "key.pub"
    public.write_text(LINE + "\n")
    command = [need("ssh-keygen"), "-l", "-f", str(public)]
    shown = subprocess.run(command, check=True, capture_output=True, timeout=30).stdout.decode()
    assert fingerprint(KEY.asbytes()) in shown
