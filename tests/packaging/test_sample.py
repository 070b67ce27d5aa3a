"""The sample of a configuration."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from fthg.cli import parse
from fthg.cli.samples import KINDS, sample
from fthg.config import settings
from fthg.config.schema import Schema, keys_of
from fthg.load.options import JOB_KEYS
from fthg.program import SECTIONS
from fthg.protocols.http.options import KEYS as HTTP
from fthg.protocols.sftp.options import KEYS as SFTP

SAMPLE = (Path(__file__).parents[2] / "etc" / "jobs.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize("keys", [JOB_KEYS, HTTP, SFTP], ids=["every job", "http", "sftp"])
def test_the_sample_shows_every_key_of_a_job(keys: Schema) -> None:
    shown = set(re.findall(r"^#     (\w+):", SAMPLE, re.MULTILINE))
    assert {key.name for key in keys_of(keys)} - shown == set()


@pytest.mark.parametrize("kind", KINDS)
def test_a_sample_begins_with_its_schema_and_is_right(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    text = sample(kind)
    assert text.startswith("# yaml-language-server: $schema=file:///")
    (tmp_path / "c.yaml").write_text(text, encoding="utf-8")
    mode = ["--track"] if kind == "track" else []
    read = settings.read(parse(["-c", "c.yaml", "--check", *mode]), SECTIONS)
    assert read.jobs or kind in ("track", "full")  # those of the full one are disabled


def test_the_minimal_sample_sends_to_the_lab_as_it_is() -> None:
    (job,) = yaml.safe_load(sample("minimal"))["jobs"].values()
    assert job["url"] == "http://127.0.0.1:8080/upload"
