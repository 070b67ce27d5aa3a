"""The options that every protocol has."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import voluptuous as vol

from fthg.load.options import JOB_KEYS
from fthg.placeholders import Template
from fthg.protocols import SENDERS
from fthg.protocols.http.options import HttpOptions
from fthg.protocols.options import Options, make_options, parse_job_url


def data(**given: Any) -> dict[str, Any]:
    words = {"url": "https://h/", "files": "d", "rate": "1/s", **given}
    read: dict[str, Any] = vol.Schema({**JOB_KEYS, **SENDERS["https"].keys})(words)
    return read


def test_checked_data_becomes_typed_options() -> None:
    made = make_options(HttpOptions, data(timeout="3s", method="put"), job="orders", connections=7)
    assert (made.job, made.timeout, made.method, made.connections) == ("orders", 3.0, "PUT", 7)
    assert made.url.text == "https://h/"


def test_the_defaults_are_those_of_the_schema() -> None:
    made = make_options(Options, data())
    assert replace(made, url=Options().url) == replace(Options(), url=Options().url)


def test_no_secret_is_shown() -> None:
    assert "geheim" not in repr(Options(url=Template("https://ann:geheim@h/")))


@pytest.mark.parametrize(
    "url",
    ["http://{job}/", "http://h{{x}}/", "http://u:{uuid}@h/", "http://h:{seq}?x", "http://}/"],
)
def test_placeholders_stand_only_after_the_host(url: str) -> None:
    with pytest.raises(ValueError, match="placeholders may stand only after the host"):
        parse_job_url(url)


def test_the_path_and_query_of_a_job_may_hold_placeholders() -> None:
    assert parse_job_url("http://h/{job}/a?b={uuid}#{{c}}").rest == "/{job}/a?b={uuid}#{{c}}"
    assert parse_job_url("http://h?b={uuid}").rest == "?b={uuid}"


@pytest.mark.parametrize("scheme", sorted(SENDERS))
def test_every_sender_has_options_with_a_field_for_each_key(scheme: str) -> None:
    sender = SENDERS[scheme]
    fields = set(vars(sender.options_type())) | {"url"}
    assert {str(key) for key in sender.keys} <= fields
