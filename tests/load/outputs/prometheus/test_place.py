from __future__ import annotations

import pytest
import voluptuous as vol

from fthg.load.outputs.prometheus.place import Address, metrics_place, read_place


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("9464", Address("127.0.0.1", 9464)),
        ("0.0.0.0:9464", Address("0.0.0.0", 9464)),
        ("node-1.example.com:1", Address("node-1.example.com", 1)),
        ("[::1]:65535", Address("::1", 65535)),
        ("run.prom", "run.prom"),
        ("/var/lib/node_exporter/fthg 1.prom", "/var/lib/node_exporter/fthg 1.prom"),
        ("", ""),
    ],
)
def test_a_place_is_an_address_or_a_file(text: str, place: object) -> None:
    assert read_place(text) == place


@pytest.mark.parametrize("text", ["127.0.0.1:9464", "[::1]:9464"])
def test_an_address_is_shown_as_it_is_written(text: str) -> None:
    assert str(read_place(text)) == text


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        (":9464", "write 9464 for 127.0.0.1, or 0.0.0.0:9464 for all"),
        ("::1:9464", "an IPv6 address needs brackets; write [::1]:9464"),
        ("0", "0 is not a port that Prometheus can scrape; use 1 to 65535"),
        ("localhost:65536", "65536 is not a port"),
        ("metrics.txt", "is neither a port nor a file whose name ends in .prom"),
        ("localhost:http", "is not an address; write a port, HOST:PORT or FILE.prom"),
        ("http://localhost:9464", "is not an address"),
        ("-1", "is neither a port nor a file"),
    ],
)
def test_what_is_neither_is_refused_with_a_remedy(text: str, advice: str) -> None:
    with pytest.raises(vol.Invalid) as found:
        metrics_place(text)
    assert advice in str(found.value)


def test_a_port_may_be_a_number_and_a_file_may_be_at_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/me")
    assert metrics_place(9464) == "9464"
    assert metrics_place("~/{run}.prom") == "/home/me/{run}.prom"
