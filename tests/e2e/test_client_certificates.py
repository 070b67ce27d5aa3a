"""Client certificates of whole runs: replaced in mid-run, and expired."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest

from tests.protocols.http.tls.identities import issue, write_pkcs12
from tests.servers.certificates import Authority, make_ca, server_certificate
from tests.servers.nginx import Nginx, nginx
from tests.waiting import until_written

from .program import end, fthg, results, start


@pytest.fixture
def ca(tmp_path: Path) -> Authority:
    return make_ca(tmp_path)


def configure(directory: Path, url: str, ca: Authority, workers: int, cert: str) -> None:
    (directory / "file").write_bytes(b"<order/>")
    (directory / "jobs.yaml").write_text(f"""
run: {{duration: 4s, workers: {workers}, results: r.jsonl}}
jobs:
  new: {{url: "{url}/new/{{uuid}}", method: PUT, files: file, rate: 40/s, reuse: false,
         ca: {ca.cert}, {cert}}}
""")


def users(server: Nginx) -> list[str]:
    return [fields[7] for fields in server.log("/new/", 1)]


@pytest.mark.parametrize(("workers", "bundle"), [(1, False), (3, True)], ids=["PEM", "PKCS#12"])
def test_a_certificate_replaced_in_mid_run_is_used_by_the_next_new_connection(
    tmp_path: Path, ca: Authority, workers: int, bundle: bool
) -> None:
    first, second = (issue(tmp_path / name, ca)[0] for name in ("first", "second"))
    live = tmp_path / "live"
    renew = {first: tmp_path / "1", second: tmp_path / "2"}
    for pair, path in renew.items():
        if bundle:
            write_pkcs12(path, pair, "s")
        else:
            path.write_bytes(pair.cert.read_bytes() + pair.key.read_bytes())
    os.replace(renew[first], live)
    certificate = server_certificate(ca, tmp_path)
    with nginx(tmp_path / "nginx", certificate, client_ca=ca.cert) as server:
        cert = f"cert: {live}" + (", passphrase: s" if bundle else "")
        configure(tmp_path, server.url, ca, workers, cert)
        process = start("-c", "jobs.yaml", cwd=tmp_path)
        until_written(tmp_path / "r.jsonl")
        server.log("/new/", 10)
        os.replace(renew[second], live)
        done = end(process)
        names = users(server)
    assert done.status == 0, done.err
    assert {line["outcome"] for line in results(tmp_path / "r.jsonl")} == {"ok"}
    assert len(names) == 160
    assert set(names[:10]) == {"CN=first"}
    assert set(names[-10:]) == {"CN=second"}


def test_an_expired_certificate_is_a_warning_of_the_check_and_of_the_start(
    tmp_path: Path, ca: Authority
) -> None:
    old, _ = issue(tmp_path / "old", ca, life=(timedelta(days=-3), timedelta(days=-1)))
    short, _ = issue(tmp_path / "short", ca, life=(timedelta(days=-3), timedelta(hours=1)))
    words = ["--url", "https://localhost:9/", "--files", "file", "--rate", "1/s", "--check"]
    (tmp_path / "file").write_text("x")
    for pair, duration, warned in (
        (old, "1s", "(CN=old) has expired"),
        (short, "1s", ""),
        (short, "2h", "(CN=short) expires before the job ends"),
    ):
        given = ["--cert", str(pair.cert), "--key", str(pair.key), "--duration", duration]
        checked = fthg(*words, *given, cwd=tmp_path)
        assert checked.status == 0, checked.err
        assert warned in checked.err
        assert bool(warned) == bool(checked.err), checked.err
    started = fthg(*words[:-1], "--duration", "1s", "--cert", str(old.cert), "--key",
                   str(old.key), cwd=tmp_path)  # fmt: skip
    assert "(CN=old) has expired" in started.err
