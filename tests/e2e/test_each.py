"""One job for each partner of a table, from the command line to what lies at a real server."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections import Counter
from pathlib import Path

from tests.servers.nginx import Nginx
from tests.servers.sshd import Sshd

from .program import figures, fthg, results

PARTNERS = ("north", "south", "west")


def test_each_partner_gets_its_own_files_under_its_own_path_and_key(
    tmp_path: Path, web: Nginx, ssh: Sshd
) -> None:
    wanted: dict[tuple[str, str], str] = {}
    (tmp_path / "keys").mkdir()
    for name in PARTNERS:
        (tmp_path / "out" / name).mkdir(parents=True)
        (ssh.root / name).mkdir()
        (tmp_path / "keys" / name).symlink_to(ssh.make_key(f"key_{name}", "ed25519"))
        for number in range(4):
            content = f"{name} {number}".encode() * 1000
            (tmp_path / "out" / name / f"{number}.dat").write_bytes(content)
            wanted[name, f"{number}.dat"] = hashlib.sha256(content).hexdigest()
    table = "".join(f"{name},{ssh.user},token-of-{name}\r\n" for name in PARTNERS)
    (tmp_path / "partners.csv").write_bytes(b"\xef\xbb\xbfname,user,token\r\n" + table.encode())
    (tmp_path / "partners.csv").chmod(0o600)
    (tmp_path / "jobs.yaml").write_text(f"""
run: {{results: results.jsonl, summary: summary.json}}
defaults: {{rate: 4 every 2s, repeat: once}}
jobs:
  ssh-${{name}}:
    each: partners.csv
    url: sftp://${{user}}@127.0.0.1:{ssh.port}{ssh.root}/${{name}}
    key: keys/${{name}}
    known_hosts: {ssh.known_hosts}
    files: out/${{name}}
  web-${{name}}:
    each: partners.csv
    url: "{web.url}/${{name}}/{{filename}}"
    method: PUT
    headers: {{X-Token: "${{token}}"}}
    files: out/${{name}}
""")
    checked = fthg("-c", "jobs.yaml", "--check", "--job", "*-south", cwd=tmp_path)
    assert checked.status == 0, checked.err
    assert "2 jobs" in checked.out
    assert checked.out.count("after 166ms (spread over 500ms)") == 2
    done = fthg("-c", "jobs.yaml", "-vvv", cwd=tmp_path)
    assert done.status == 0, done.err
    lines = results(tmp_path / "results.jsonl")
    assert Counter(line["job"] for line in lines) == {
        f"{kind}-{name}": 4 for kind in ("ssh", "web") for name in PARTNERS
    }
    for store in (ssh.root, web.directory / "files"):
        arrived = {
            (name, path.name): hashlib.sha256(path.read_bytes()).hexdigest()
            for name in PARTNERS
            for path in (store / name).iterdir()
        }
        assert arrived == wanted
    began = {line["job"]: line["due"] for line in reversed(lines)}
    for kind in ("ssh", "web"):
        first, second, third = (began[f"{kind}-{name}"] for name in PARTNERS)
        assert round(second - first, 3) == round(third - second, 3) == 0.167
    assert set(figures(tmp_path / "summary.json")["jobs"]) == set(began)
    for said in (done.out, done.err, (tmp_path / "results.jsonl").read_text()):
        assert "token-of" not in said


def test_no_output_overwrites_the_table(tmp_path: Path) -> None:
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "a").touch()
    (tmp_path / "partners.csv").write_text("name\nnorth\n")
    (tmp_path / "jobs.yaml").write_text("""
jobs:
  ${name}: {each: partners.csv, url: "http://127.0.0.1:9/", files: files, rate: 1/s}
""")
    done = fthg("-c", "jobs.yaml", "--check", "--summary", "partners.csv", cwd=tmp_path)
    assert done.status == 2
    assert "a table of jobs" in done.err
    assert (tmp_path / "partners.csv").read_text() == "name\nnorth\n"


def test_hundreds_of_jobs_start_at_once_with_few_descriptors_and_none_is_late(
    tmp_path: Path, web: Nginx
) -> None:
    names = [f"n{number:03}" for number in range(300)]
    for name in names:
        (tmp_path / "out" / name).mkdir(parents=True)
        (tmp_path / "out" / name / "a.dat").write_bytes(name.encode())
    (tmp_path / "many.csv").write_text("name\n" + "".join(f"{name}\n" for name in names))
    (tmp_path / "jobs.yaml").write_text(f"""
run: {{duration: 3s, results: results.jsonl}}
jobs:
  ${{name}}: {{each: many.csv, url: "{web.url}/many/${{name}}-{{seq}}", method: PUT,
    files: "out/${{name}}", rate: 1 every 3s}}
""")
    limited = (
        "import resource, sys, fthg.__main__; "
        "resource.setrlimit(resource.RLIMIT_NOFILE, (256, 4096)); "
        "sys.exit(fthg.__main__.main())"
    )
    done = subprocess.run(
        [sys.executable, "-c", limited, "-c", "jobs.yaml", "-q"],
        cwd=tmp_path, capture_output=True, text=True, timeout=90, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    lines = results(tmp_path / "results.jsonl")
    assert Counter((line["job"], line["outcome"]) for line in lines) == dict.fromkeys(
        [(name, "ok") for name in names], 1
    )
    stored = {path.name: path.read_text() for path in (web.directory / "files/many").iterdir()}
    assert stored == {f"{name}-0": name for name in names}
    assert max(line["start"] - line["due"] for line in lines) < 1
    assert max(line["due"] for line in lines) - min(line["due"] for line in lines) > 2.9
