"""The JSON Schema of the configuration, against what fthg itself accepts and refuses."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from fthg.cli.samples import KINDS, sample
from fthg.config.each import JOB_NAME
from fthg.config.json_schema import json_schema
from fthg.program import SECTIONS
from fthg.protocols import PROTOCOLS
from man import examples

_ROOT = Path(__file__).parents[2]
_SCHEMA = json.loads(json.dumps(json_schema(SECTIONS, PROTOCOLS)))
_VALIDATOR = jsonschema.Draft202012Validator(_SCHEMA)


def _accepts(text: str) -> bool:
    return bool(_VALIDATOR.is_valid(yaml.safe_load(text)))


def _job(**keys: Any) -> str:
    usual = {"url": "https://h/", "files": "d", "rate": "5/s"}
    return json.dumps({"jobs": {"a": {**usual, **keys}}})


def test_the_metaschema_accepts_it() -> None:
    jsonschema.Draft202012Validator.check_schema(_SCHEMA)


@pytest.mark.parametrize("kind", KINDS)
def test_it_accepts_every_sample(kind: str) -> None:
    _VALIDATOR.validate(yaml.safe_load(sample(kind)))


def _documented() -> list[str]:
    """Return the whole configurations of the documentation."""
    pages = [_ROOT / "README.md", *sorted((_ROOT / "docs").glob("*.md"))]
    blocks = [
        block
        for page in pages
        for block in re.findall(r"```yaml\n(.*?)```", page.read_text("utf-8"), re.DOTALL)
    ]
    return [block for block in blocks if re.match(r"(run|jobs|track|defaults|logging):", block)]


def test_it_accepts_the_configurations_of_the_documentation() -> None:
    found = _documented()
    assert len(found) >= 3
    for block in found:
        _VALIDATOR.validate(yaml.safe_load(block))


@pytest.mark.parametrize(
    ("section", "shown"),
    [
        ("run: {%s}", examples.RUN),
        ("logging: {%s}", examples.LOGGING),
        ("jobs: {a: {url: http://h/, files: d, rate: 1/s, %s}}", examples.JOB),
        ("jobs: {a: {url: http://h/, files: d, rate: 1/s, %s}}", examples.HTTP),
        ("jobs: {a: {url: sftp://h/, files: d, rate: 1/s, %s}}", examples.SFTP),
        ("track: {%s}", examples.TRACK),
        ("track: {ingress: {%s}}", examples.SIDE),
    ],
)
def test_it_accepts_every_example_of_the_manual(
    section: str, shown: Mapping[str, examples.Example]
) -> None:
    for name, example in shown.items():
        value = json.dumps(yaml.safe_load(example.value), default=str)
        _VALIDATOR.validate(yaml.safe_load(section % f"{name}: {value}"))


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        "jobs:",
        _job(rate=["10/s for 5m", "to 100/s over 10m"]),
        _job(rate={"day": {"00:00": "20/hour"}, "zone": "Europe/Berlin"}),
        _job(match=["*.xml", "*.csv"], enabled=False, count="${N}", timeout="${T:-5m}"),
        _job(url="${URL}", key="k", host_key="ignore", headers={"A": "b"}),
        _job(url="sftp://h/d", mode=0o644, jump={"host": "u@h"}, algorithms={"kex": ["a"]}),
        _job(thresholds={"limits": ["failed < 1%"], "abort": True}, model="closed", senders=4),
        '{"defaults": {"rate": "5/s", "files": "d"}, "jobs": {"a": {"url": "http://h/"}}}',
        '{"jobs": {"p-${n}": {"each": "p", "url": "http://h/", "files": "d", "rate": "1/s"}}}',
        '{"track": {"ingress": "mysql://u@h/d", "egress": {"host": "h", "port": 3306}}}',
        "jobs: {büro-接口: {url: http://h/, files: d, rate: 5/s, enabled: off}}",
        _job(url="sftp://h/d", remote_name={"uuid": None}),
        '{"defaults": {"files": {"generate": {"size": 1}}}, "jobs": {"a": {"url": "http://h/", '
        '"rate": "5/s", "files": {"generate": {"seed": 3}}}}}',
        '{"defaults": {"jump": {"host": "h"}}, "jobs": {"a": {"jump": {"key": "k"}}}}',
        '{"track": {"ingress": {"password_file": null, "tls": "required"}}}',
        '{"logging": {"syslog": "udp://h:514", "file": "${LOG}"}}',
        '{"logging": {"file": {"path": "x"}, "syslog": true, "level": "info"}}',
    ],
)
def test_it_accepts_what_fthg_accepts(text: str) -> None:
    _VALIDATOR.validate(yaml.safe_load(text))


@pytest.mark.parametrize(
    "text",
    [
        '{"job": {}}',
        '{"jobs": []}',
        '{"run": {"durations": "5m"}}',
        '{"run": {"duration": 5}}',
        '{"run": {"duration": "5 parsecs!"}}',
        '{"run": {"workers": -1.5}}',
        '{"jobs": {"a": {"url": "http://h/"}}}',
        '{"jobs": {"my orders": {"url": "http://h/", "files": "d", "rate": "1/s"}}}',
        _job(host_key="ignore"),
        _job(url="sftp://h/d", headers={"A": "b"}),
        _job(model="opened"),
        _job(enabled="maybe"),
        _job(count="many"),
        _job(count=-1),
        _job(rate=5),
        '{"track": {"ingres": {}}}',
        '{"track": {"ingress": {"hots": "h"}}}',
        '{"logging": {"file": {"paht": "x"}}}',
        _job(files={"generate": {"sizes": "1KiB"}}),
        _job(files={"generated": {"size": "1KiB"}}),
        _job(url="sftp://h/d", jump={"hosts": "h"}),
        _job(url="sftp://h/d", algorithms={"cipher": ["a"]}),
    ],
)
def test_it_refuses_what_fthg_refuses(text: str) -> None:
    assert not _accepts(text)


@pytest.mark.parametrize("name", ["orders.a-b_1", "büro", "接口", "p-${n}", "two words", "a/b"])
def test_names_of_jobs_are_those_of_fthg_for_the_ascii_words_of_editors(name: str) -> None:
    pattern = _SCHEMA["properties"]["jobs"]["anyOf"][0]["propertyNames"]["pattern"]
    fits = bool(JOB_NAME.fullmatch(name)) or "${" in name
    assert bool(re.search(pattern, name, re.ASCII)) == fits


def test_every_key_has_a_description() -> None:
    found = _SCHEMA["$defs"]["job"]["properties"]
    assert len(found) > 60
    assert all(shape["description"] for shape in found.values())
