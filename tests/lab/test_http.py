from __future__ import annotations

import os
import socket
import ssl
from collections.abc import Iterator

import pytest
import requests

from fthg.lab.practice import HOST, Lab
from tests.waiting import until

from .conftest import OpenLab

ID = "0b5e7f0e-5c52-4f0e-9c2e-0d6f6b1f3a11"


def put(url: str) -> str:
    try:
        return str(requests.put(url, data=b"x", timeout=30).status_code)
    except requests.ConnectionError:
        return "cut"


def delivered(lab: Lab, name: str) -> bytes:
    path = lab.path("egress", name)
    until(lambda: os.path.exists(path))
    with open(path, "rb") as file:
        return file.read()


@pytest.mark.parametrize("method", ["PUT", "POST"])
def test_a_raw_body_is_saved_under_its_header_or_its_url(open_lab: OpenLab, method: str) -> None:
    lab = open_lab()
    headers = {"X-Filename": "b ä.csv".encode(), "X-Transfer-Id": ID.encode()}
    with requests.Session() as session:
        by_url = session.request(method, lab.http_url + "in/a%20%C3%A4.csv", data=b"one")
        by_header = session.request(method, lab.http_url, data=b"two", headers=headers)
    assert (by_url.status_code, by_header.status_code) == (201, 201)
    assert by_header.headers["X-Transfer-Id"] == ID
    assert delivered(lab, "a ä.csv") == b"one"
    assert delivered(lab, "b ä.csv") == b"two"


def test_chunked_and_large_bodies_arrive_whole(open_lab: OpenLab) -> None:
    lab = open_lab()
    block = os.urandom(100_000)

    def blocks() -> Iterator[bytes]:
        for _ in range(50):
            yield block

    assert requests.put(lab.http_url + "chunked", data=blocks(), timeout=30).status_code == 201
    assert requests.put(lab.http_url + "whole", data=block * 50, timeout=30).status_code == 201
    assert delivered(lab, "chunked") == delivered(lab, "whole") == block * 50


def test_multipart_files_are_saved_and_fields_are_not(open_lab: OpenLab) -> None:
    lab = open_lab()
    content = os.urandom(300_000)
    answer = requests.post(
        lab.http_url, files={"file": ("c.bin", content)}, data={"note": "x"}, timeout=30
    )
    assert answer.status_code == 201
    assert delivered(lab, "c.bin") == content
    assert lab.counts.received == {"http": 1}


def test_a_broken_multipart_body_is_answered_with_its_error(open_lab: OpenLab) -> None:
    lab = open_lab()
    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    answer = requests.post(lab.http_url, data=b"--b\r\n\r\nx", headers=headers, timeout=30)
    assert (answer.status_code, answer.text) == (400, "the multipart body ends in the middle\n")


@pytest.mark.parametrize("name", ["../../escape", "..", "/etc/escape", ""])
def test_no_name_leads_out_of_the_folder(open_lab: OpenLab, name: str) -> None:
    lab = open_lab()
    answer = requests.put(lab.http_url, data=b"x", headers={"X-Filename": name}, timeout=30)
    assert answer.status_code == 201
    until(lambda: lab.counts.egress)
    assert os.listdir(lab.path("egress")) in ([answer.headers["X-Transfer-Id"]], ["escape"])
    assert os.listdir(lab.path("ingress")) == []


def test_https_requires_a_client_certificate_of_its_authority(open_lab: OpenLab) -> None:
    lab = open_lab()
    pair = (str(lab.certificates.client.cert), str(lab.certificates.client.key))
    ca = str(lab.certificates.ca)
    for host in (HOST, "localhost"):
        url = lab.https_url.replace(HOST, host) + "a"
        assert requests.put(url, data=b"x", verify=ca, cert=pair, timeout=30).status_code == 201
    with pytest.raises((requests.ConnectionError, ssl.SSLError)):
        requests.put(lab.https_url, data=b"x", verify=ca, timeout=30)
    with pytest.raises(requests.exceptions.SSLError):
        requests.put(lab.https_url, data=b"x", cert=pair, timeout=30)
    assert lab.counts.received == {"https": 2}


def test_https_can_do_without_a_client_certificate(open_lab: OpenLab) -> None:
    lab = open_lab(client_certificate=False)
    answer = requests.put(lab.https_url, data=b"x", verify=str(lab.certificates.ca), timeout=30)
    assert answer.status_code == 201


def test_accounts_are_asked_for_if_set(open_lab: OpenLab) -> None:
    lab = open_lab(basic_auth=True, accounts={"me": "pass:word"})
    assert requests.put(lab.http_url, data=b"x", timeout=30).status_code == 401
    assert requests.put(lab.http_url, data=b"x", auth=("me", "no"), timeout=30).status_code == 401
    right = requests.put(lab.http_url, data=b"x", auth=("me", "pass:word"), timeout=30)
    assert right.status_code == 201


def test_get_returns_the_counts_and_other_methods_are_refused(open_lab: OpenLab) -> None:
    lab = open_lab()
    requests.put(lab.http_url, data=b"x", timeout=30)
    assert requests.get(lab.http_url, timeout=30).json()["received"] == {"http": 1}
    assert requests.delete(lab.http_url, timeout=30).status_code == 405


def test_faults_come_in_their_shares_and_a_cut_upload_was_received(open_lab: OpenLab) -> None:
    lab = open_lab(error_rate=0.4)
    seen = {"201": 0, "503": 0, "cut": 0}
    for _ in range(200):
        seen[put(lab.http_url)] += 1
    assert seen["503"] == lab.counts.refused == pytest.approx(40, abs=20)
    assert seen["cut"] == lab.counts.cut == pytest.approx(40, abs=20)
    assert lab.counts.received == {"http": seen["201"] + seen["cut"]}


def test_one_that_hangs_never_answers(open_lab: OpenLab) -> None:
    lab = open_lab(hang_rate=1)
    with pytest.raises(requests.exceptions.ReadTimeout):
        requests.put(lab.http_url, data=b"x" * 1_000_000, timeout=0.3)
    assert (lab.counts.hung, lab.counts.received) == (1, {})


def test_answers_come_after_the_delay(open_lab: OpenLab) -> None:
    lab = open_lab(delay=(0.3, 0.3))
    assert requests.put(lab.http_url, data=b"x", timeout=30).elapsed.total_seconds() >= 0.3


@pytest.mark.parametrize(
    "request_text",
    [
        b"PUT /a HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nonly this",
        b"PUT /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel",
        b"PUT /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ],
)
def test_a_sender_that_aborts_leaves_nothing_and_no_traceback(
    open_lab: OpenLab, capfd: pytest.CaptureFixture[str], request_text: bytes
) -> None:
    lab = open_lab()
    with socket.create_connection((HOST, lab.http_port)) as client:
        client.sendall(request_text)
    until(lambda: lab.counts.aborted == 1)
    assert os.listdir(lab.path("ingress")) == []
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    "garbage", [b"", b"\0" * 100, b"NONSENSE\r\n\r\n", b"GET / HTTP/9\r\n\r\n"]
)
def test_garbage_closes_the_connection_without_a_traceback(
    open_lab: OpenLab, capfd: pytest.CaptureFixture[str], garbage: bytes
) -> None:
    lab = open_lab()
    for port in (lab.http_port, lab.https_port, lab.sftp_port):
        with socket.create_connection((HOST, port)) as client:
            client.sendall(garbage)
    with requests.Session() as session:
        assert session.put(lab.http_url, data=b"x").status_code == 201
    assert capfd.readouterr() == ("", "")
