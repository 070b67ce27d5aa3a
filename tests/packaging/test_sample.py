"""The sample of a configuration."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from fthg.config.schema import Schema, keys_of
from fthg.load.options import JOB_KEYS
from fthg.protocols.http.options import KEYS as HTTP
from fthg.protocols.sftp.options import KEYS as SFTP

SAMPLE = (Path(__file__).parents[2] / "etc" / "jobs.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize("keys", [JOB_KEYS, HTTP, SFTP], ids=["every job", "http", "sftp"])
def test_the_sample_shows_every_key_of_a_job(keys: Schema) -> None:
    shown = set(re.findall(r"^#     (\w+):", SAMPLE, re.MULTILINE))
    assert {key.name for key in keys_of(keys)} - shown == set()
