"""The configuration of HTTP jobs."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import voluptuous as vol

from fthg.protocols.http import HttpSender
from fthg.protocols.http.auth.authorization import Authorization
from fthg.protocols.http.form import Multipart
from fthg.protocols.http.options import HttpOptions

from .jobs import COMMON, options

URL = "https://files.example.com/upload"


def fault(**given: Any) -> str:
    with pytest.raises(vol.Invalid) as caught:
        options(URL, **given)
    return "; ".join(str(error) for error in getattr(caught.value, "errors", [caught.value]))


def clash(url: str = URL, **given: Any) -> list[tuple[str, str]]:
    return list(options(url, **given).conflicts())


def test_a_job_needs_nothing_but_its_url() -> None:
    read = options(URL)
    assert (read.method, read.body, read.verify) == ("POST", None, True)
    assert read.expect == frozenset(range(200, 300))
    assert (read.follow_redirects, read.trust_env) == (False, False)
    assert clash() == []


def values(made: HttpOptions) -> dict[str, Any]:
    return {each.name: getattr(made, each.name) for each in fields(made) if each.name != "url"}


def test_the_defaults_are_those_of_the_schema() -> None:
    assert values(options("", **COMMON)) == values(HttpOptions("orders", timeout=20, connections=8))


def test_no_secret_is_shown() -> None:
    auth = {"basic": {"user": "u", "password": "geheim1"}}
    read = options("https://u:geheim2@h/", auth=auth, proxy="u:geheim3@h", passphrase="geheim4")
    assert "geheim" not in repr(read)


def test_every_key_is_described() -> None:
    assert all(getattr(key, "description", None) for key in HttpSender.keys)


@pytest.mark.parametrize(
    ("text", "statuses"),
    [
        ("200", {200}),
        ("200,201, 204", {200, 201, 204}),
        (["200-202", "301"], {200, 201, 202, 301}),
        ("200 - 202", {200, 201, 202}),
    ],
)
def test_expected_statuses(text: Any, statuses: set[int]) -> None:
    assert options(URL, expect=text).expect == statuses


@pytest.mark.parametrize("text", ["", "ok", "2xx", "200-", "299-200", "99", "600", "200;201"])
def test_invalid_statuses(text: str) -> None:
    assert "expect" in fault(expect=text)


def test_forms() -> None:
    assert options(URL, body="raw").body is None
    assert options(URL, body="multipart").body == Multipart("file", {})
    form = options(URL, body={"multipart": {"field": "f", "fields": {"id": "{uuid}"}}}).body
    assert form
    assert form.field == "f"
    assert form.fields["id"].text == "{uuid}"
    assert "body" in fault(body="json")
    named = {"filename": "{uuid}.xml", "content_type": " text/xml; charset=utf-8"}
    form = options(URL, body={"multipart": named}).body
    assert form
    assert form.filename.text == "{uuid}.xml"
    assert form.content_type == "text/xml; charset=utf-8"
    assert "unknown placeholder" in fault(body={"multipart": {"filename": "{nope}"}})
    assert "empty" in fault(body={"multipart": {"filename": ""}})
    assert "not a content type" in fault(body={"multipart": {"content_type": "xml"}})
    assert "unknown placeholder" in fault(body={"multipart": {"fields": {"id": "{nope}"}}})
    assert "extra keys" in fault(body={"multipart": {"fileds": {}}})


@pytest.mark.parametrize(
    "text", ["", "xml", "text/", "/xml", "a b/c", "text/xml\r\nX-Evil: 1", "ü/x"]
)
def test_invalid_content_types(text: str) -> None:
    assert "content_type" in fault(content_type=text)


def test_regular_expressions() -> None:
    read = options(URL, expect_body=r"^ok \d+$", expect_headers={"X-Status": "^accepted"})
    assert read.expect_body
    assert read.expect_body.text == r"^ok \d+$"
    assert (
        options(URL, expect_body=r"^ok \d+$").expect_body is read.expect_body
    )  # once for all jobs
    assert read.expect_headers["X-Status"].text == "^accepted"
    assert "position 0" in fault(expect_body="(ok")
    assert "expect_headers" in fault(expect_headers={"X-Status": "*"})
    assert "proportional" in fault(expect_body="(?!error)")
    assert "empty" in fault(expect_body="")
    assert "single quotes" in fault(expect_body=["ok"])
    assert "not a header's name" in fault(expect_headers={"X Id": "1"})
    assert "twice" in fault(expect_headers={"X-Id": "1", "x-id": "2"})
    assert "mapping" in fault(expect_headers="^ok")
    assert options(URL, expect_headers={"Content-Length": "^0$"}).expect_headers


def test_headers() -> None:
    read = options(URL, headers={"X-Id": "{uuid}", "X-Plain": "grün"}).headers
    assert [value.text for value in read["X-Id"]] == ["{uuid}"]
    assert "not a header's name" in fault(headers={"X Id": "1"})
    assert "not a header's name" in fault(headers={"": "1"})
    assert "control characters" in fault(headers={"X-Id": "a\r\nX-Evil: b"})
    assert "unknown placeholder" in fault(headers={"X-Id": "{nope}"})
    assert "itself" in fault(headers={"content-length": "1"})
    assert "itself" in fault(headers={"Transfer-Encoding": "chunked"})
    assert "expect_continue" in fault(headers={"Expect": "100-continue"})
    assert "twice" in fault(headers={"X-Id": "1", "x-id": "2"})
    assert "twice" in fault(headers={"X-Id": ["1", "2"], "x-id": "3"})


def test_a_header_may_have_several_values() -> None:
    read = options(URL, headers={"X-Id": ["{uuid}", "b"]}).headers
    assert [value.text for value in read["X-Id"]] == ["{uuid}", "b"]
    assert "empty list" in fault(headers={"X-Id": []})
    assert "control characters" in fault(headers={"X-Id": ["a", "b\nX-Evil: c"]})
    assert "unknown placeholder" in fault(headers={"X-Id": ["a", "{nope}"]})


@pytest.mark.parametrize(
    ("given", "read"), [("put", "PUT"), ("PATCH", "PATCH"), ("purge", "PURGE")]
)
def test_methods(given: str, read: str) -> None:
    assert options(URL, method=given).method == read


@pytest.mark.parametrize("given", ["", "PO ST", "POST\r\n", "CONNECT", "Ü"])
def test_invalid_methods(given: str) -> None:
    if given != "POST\r\n":
        assert "method" in fault(method=given)


def test_credentials(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("s3cret\n")
    basic = options(URL, auth={"basic": {"user": "u", "password_file": str(secret)}}).auth
    bearer = options(URL, auth={"bearer": {"token_file": str(secret)}}).auth
    assert isinstance(basic, Authorization)
    assert isinstance(bearer, Authorization)
    assert basic.value == "Basic dTpzM2NyZXQ="
    assert bearer.value == "Bearer s3cret"
    assert "s3cret" not in repr(basic)
    assert "dTpz" not in repr(basic)
    assert "missing" in fault(auth={"basic": {"user": "u"}})
    both = {"user": "u", "password": "p", "password_file": str(secret)}
    assert "one of them is enough" in fault(auth={"basic": both})
    assert "colon" in fault(auth={"basic": {"user": "a:b", "password": "p"}})
    assert "cannot be read" in fault(auth={"bearer": {"token_file": str(tmp_path / "absent")}})
    assert "one word" in fault(auth={"bearer": "two words"})
    assert "write {basic" in fault(auth="digest")
    assert "missing" in fault(auth={"digest": {"user": "u"}})


def test_proxies() -> None:
    assert options(URL, proxy="proxy.example.com:3128").proxy == "http://proxy.example.com:3128"
    assert (
        options(URL, proxy="socks5h://proxy.example.com").way == "via socks5h://proxy.example.com"
    )
    for none in ("socks4://proxy:1080", "http://", "http://proxy:99999", ""):
        assert "proxy" in fault(proxy=none)


def test_credentials_in_two_places_are_one_too_many() -> None:
    basic = {"basic": {"user": "u", "password": "p"}}
    assert clash("https://u:p@files.example.com/", auth=basic)[0][0] == "auth"
    assert clash(auth=basic, headers={"authorization": "x"})[0][0] == "auth"
    assert clash("https://u:p@files.example.com/", headers={"Authorization": "x"})[0][0] == "url"
    assert clash("https://u:p@files.example.com/") == []


def test_keys_that_need_others(tmp_path: Path) -> None:
    cert = tmp_path / "cert.pem"
    cert.write_text("-----BEGIN CERTIFICATE-----\n")
    assert clash(cert=str(cert))[0][0] == "cert"
    assert clash(key=str(cert))[0][0] == "key"
    assert clash(passphrase="x")[0][0] == "passphrase"
    assert clash(cert=str(tmp_path / "absent")) == [], "the start reports it"
    form: dict[str, Any] = {"multipart": {}}
    assert clash(body=form, headers={"content-type": "text/plain"})[0][0] == "headers"
    assert clash(body=form, content_type="text/plain")[0][0] == "content_type"
    both: dict[str, Any] = {"headers": {"content-type": "text/plain"}, "content_type": "text/plain"}
    assert clash(**both)[0][0] == "content_type"
    assert clash(idle_timeout="9s", reuse=False)[0][0] == "idle_timeout"


@pytest.mark.parametrize(
    "url",
    ["https://{job}.example.com/", "https:///x", "https://host:99999/", "https://u:{uuid}@h/"],
)
def test_a_server_must_be_known_before_the_start(url: str) -> None:
    assert clash(url)[0][0] == "url"
