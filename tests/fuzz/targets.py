"""The fuzzed functions: each target takes any bytes, and raises only for a bug."""

from __future__ import annotations

import io
import json
import os
import re
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime, timezone
from xml.etree import ElementTree

import voluptuous as vol
from rich.console import Console

from fthg import cli, units
from fthg.config import settings
from fthg.config.document import parse
from fthg.config.show import show
from fthg.config.tree import Section
from fthg.errors import ConfigError, StartError, TransferError
from fthg.load.files.filled import Filled, PlaceError, sections_of
from fthg.load.from_results import Choice, summarize_results
from fthg.load.outputs.summary import print_summary
from fthg.load.outputs.summary_json import summary_json
from fthg.load.pacing.entries import read_rate, read_time
from fthg.load.pacing.moments import read_moments
from fthg.load.plan import Plan
from fthg.placeholders import PLACEHOLDERS, Template
from fthg.program import SECTIONS
from fthg.protocols.endpoint import Endpoint
from fthg.protocols.http.answer import Answer
from fthg.protocols.http.auth.challenges import parse_challenges, parse_parameters
from fthg.protocols.http.auth.digest import Digest, UnusableError, strongest
from fthg.protocols.http.auth.token import error_words, parse_token
from fthg.protocols.http.client import masked_head
from fthg.protocols.http.details import status_detail
from fthg.protocols.http.head import Head
from fthg.protocols.http.redirects import redirect_target
from fthg.protocols.http.regular import Regular
from fthg.protocols.http.tls.handshake import certificates_of
from fthg.protocols.http.tls.peer_certificate import issuer, names
from fthg.protocols.proxy import parse_proxy
from fthg.protocols.sftp import packets
from fthg.protocols.socks import negotiation
from fthg.track.vocabulary import COMPARED, VOCABULARY, read_baseline
from fthg.transfer import Transfer
from fthg.verdicts import thresholds
from fthg.verdicts.baseline import changes_json, compare
from fthg.verdicts.junit import cases_of, junit
from fthg.verdicts.rows import change_rows, verdict_rows

_NOW = datetime(2026, 1, 31, 14, tzinfo=timezone.utc)
_TRANSFER = Transfer(
    "orders", 7, "4b9a0d2e", "/data/{uuid}.xml", "{uuid}.xml", 42, 0, content=Filled([], {})
)


def config(data: bytes) -> None:
    """The configuration loader: what is accepted can be shown, and read again as the same."""
    memory = os.memfd_create("jobs.yaml")
    try:
        os.write(memory, data)
        os.lseek(memory, 0, os.SEEK_SET)
        read = settings.read(cli.parse(["-c", f"/proc/self/fd/{memory}"]), SECTIONS)
    except ConfigError:
        return
    finally:
        os.close(memory)
    read.secrets()
    shown, faults = parse("shown", "\n".join(show(read.tree, read.schema)))
    assert not faults, faults
    kept = [value for value in read.tree.values() if value is not None]  # null: not configured
    assert isinstance(shown, Section) or not kept


def document(data: bytes) -> None:
    """YAML to a tree: a fault for whatever is wrong; what is right can be shown and read again."""
    node, faults = parse("fuzz", data.decode("utf-8", "replace"))
    if isinstance(node, Section) and not faults:
        shown, faults = parse("shown", "\n".join(show(node, {})))
        assert not faults, faults
        kept = {key for key, value in node.items() if value is not None}
        assert set(shown if isinstance(shown, Section) else ()) == kept


def text_units(data: bytes) -> None:
    """Durations, sizes, rates and moments: a value that can be shown, or a ValueError."""
    text = data.decode("utf-8", "replace")
    with suppress(ValueError):
        units.show_duration(units.duration(text))
    with suppress(ValueError):
        units.show_size(units.size(text))
    with suppress(ValueError):
        rate = units.rate(text)
        assert rate is None or rate > 0
        units.show_rate(float(rate or 1))
    with suppress(ValueError):
        units.moment(text, _NOW).isoformat()
    with suppress(ValueError):
        days, minute = read_time(text)
        assert max(days, default=0) < 7
        assert minute < 24 * 60
    with suppress(ValueError):
        assert read_rate(text) >= 0


def placeholders(data: bytes) -> None:
    """Templates: refused, or rendered from what they name and nothing else."""
    with suppress(ValueError):
        template = Template(data.decode("utf-8", "replace"))
        assert template.names <= PLACEHOLDERS.keys()
        rendered = template.render(_TRANSFER)
        assert template.constant or rendered


def fillings(data: bytes) -> None:
    """Files that are templates: refused with a place, or filled as the template of a text is."""
    try:
        sections = sections_of(data)
    except PlaceError:
        return
    names = {name for section in sections for name in section.names}
    values = {name: PLACEHOLDERS[name](_TRANSFER).encode() for name in names}
    filled = b"".join(Filled(sections, values).blocks(1000))
    assert filled == Template(data.decode()).render(_TRANSFER).encode()


def http(data: bytes) -> None:
    """Answers: the same outcome however they are cut, and nothing but TransferErrors."""
    method, step, data = ("HEAD" if data[:1] > b"\x80" else "POST"), 1 + sum(data[1:2]), data[2:]
    pieces = [data[at : at + step] for at in range(0, len(data), step)]
    assert _answered(method, [data]) == _answered(method, pieces)


def _answered(method: str, pieces: list[bytes]) -> tuple[object, ...]:
    answer = Answer(method)
    try:
        for piece in pieces:
            if not answer.done:
                answer.feed(piece)
            while answer.behind:
                answer.parse()
        answer.end()
    except TransferError as error:
        return error.kind, error.code
    return answer.status, answer.reason, sorted(answer.fields.items()), answer.length


def details(data: bytes) -> None:
    """Bodies of answers: short text without anything binary, whatever they claim to be."""
    kind, coding, data = _KINDS[sum(data[:1]) % 4], _CODINGS[sum(data[1:2]) % 4], data[2:]
    packed = zlib.compress(data) if coding == b"deflate" else data
    for body in (data, packed, packed[: len(packed) // 2]):
        fields = {b"content-type": kind, b"content-encoding": coding}
        text = status_detail(500, "Oops", fields, body, whole=body is data)
        assert len(text) < 300, text
        assert not re.search(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]", text), text


def regular(data: bytes) -> None:
    """Regular expressions: refused, or searched for in the lines that follow."""
    first, _, rest = data.partition(b"\n")
    text = rest.decode("utf-8", "replace")
    small = len(first) < 20 and b"{" not in first
    with suppress(ValueError):
        Regular(first.decode("utf-8", "replace")).found_in(text if small else text[:200])


def locations(data: bytes) -> None:
    """Follow redirects to a server whose name is short, or to none; show a head as logs do."""
    answer = Answer("POST")
    value = data.translate(None, b"\r\n\0")  # what cannot be in one
    answer.status = 307
    head = b"HTTP/1.1 307\r\nLocation:%b\r\n\r\n" % value
    answer.head = Head(head, 0, len(head))
    with suppress(TransferError):
        url = redirect_target(answer, "http://h/x")
        assert url is None or len(url.host) <= 253, url
    masked_head(b"Location: " + data)


def challenges(data: bytes) -> None:
    """Parse the challenges of servers, and the answers of token servers."""
    text = data.decode("utf-8", "replace")
    parse_parameters(text)
    with suppress(UnusableError):
        asked = strongest(parse_challenges([text]))
        if asked is not None:
            assert "\n" not in Digest(asked, "u", "c").value("PUT", "/", "p") or "\n" in text
    error_words(data)
    with suppress(ValueError):
        assert parse_token(data, 0).text.isascii()


_KINDS = (b"", b"text/html", b"text/html; charset=utf-16", b"text/plain; charset=utf-7")
_CODINGS = (b"", b"deflate", b"gzip", b"br")


def certificates(data: bytes) -> None:
    """Messages of a handshake that hold certificates: names, or none."""
    for version in (0x0303, 0x0304):
        for certificate in certificates_of(data, version):
            issuer(certificate)
            names(certificate)


def sftp(data: bytes) -> None:
    """Packets: the same ones however the stream is cut, each read or refused."""
    step, data = 1 + sum(data[:1]), data[1:]
    whole = _packets([data])
    assert whole == _packets([data[at : at + step] for at in range(0, len(data), step)])
    for packet in whole:
        for read in (packets.parse_reply, packets.parse_version):
            with suppress(TransferError):
                repr(read(packet))


def _packets(pieces: list[bytes]) -> list[bytes]:
    splitter, found = packets.Splitter(), list[bytes]()

    def feed() -> Iterator[bytes]:
        for piece in pieces:
            yield from splitter.feed(piece)

    with suppress(TransferError):
        found.extend(feed())
    return found


def socks(data: bytes) -> None:
    """SOCKS5: a connection, a refusal, or more is needed; few bytes are asked for at a time."""
    user, data = ("u:p@" if data[:1] > b"\x80" else ""), data[1:]
    steps = negotiation(parse_proxy(f"socks5://{user}p"), Endpoint("h", 22))
    with suppress(TransferError, StopIteration):
        _, count = next(steps)
        while 0 < count <= min(len(data), 257):
            piece, data = data[:count], data[count:]
            _, count = steps.send(piece)
        assert count > len(data)


def results(data: bytes) -> None:
    """Results files: summed up with nothing that drives a terminal, or refused in a word."""
    try:
        snapshot = summarize_results(["-"], io.BytesIO(data), Plan("", ()), Choice())
    except StartError:
        return
    json.dumps(summary_json(snapshot), allow_nan=False)
    shown = io.StringIO()
    print_summary(snapshot, Console(file=shown, width=80))
    driving = [sign for sign in shown.getvalue() if (sign < " " and sign != "\n") or sign == "\x9b"]
    assert not driving, driving


def moments(data: bytes) -> None:
    """Files to replay: moments in order, or refused in a word."""
    memory = os.memfd_create("monday.csv")
    try:
        os.write(memory, data)
        for column in (None, "at", "start"):
            with suppress(vol.Invalid):
                found = read_moments(f"/proc/self/fd/{memory}", column)
                assert found
                assert sorted(found) == list(found)
    finally:
        os.close(memory)


def verdicts(data: bytes) -> None:
    """A baseline and thresholds that refer to it: judged and shown, or refused in a word."""
    head, _, summary = data.partition(b"\n")
    memory = os.memfd_create("summary.json")
    try:
        os.write(memory, summary)
        threshold = thresholds.parse(head.decode("utf-8", "replace"), VOCABULARY)
        before = read_baseline(f"/proc/self/fd/{memory}").figures
    except ValueError:
        return
    finally:
        os.close(memory)
    found = thresholds.judge([threshold] * threshold.of_baseline, before, before)
    changes = list(compare(COMPARED, VOCABULARY, before, before))
    assert not any(one.worse for one in changes)
    for line in (*verdict_rows(found), *change_rows(changes)):
        assert line.plain.isprintable()
    json.dumps(changes_json(changes), allow_nan=False)
    ElementTree.fromstring(junit("fuzz", cases_of(head.decode("utf-8", "replace"), found)))


TARGETS: Mapping[str, Callable[[bytes], None]] = {
    "config": config,
    "document": document,
    "units": text_units,
    "placeholders": placeholders,
    "fillings": fillings,
    "http": http,
    "details": details,
    "regular": regular,
    "locations": locations,
    "challenges": challenges,
    "certificates": certificates,
    "sftp": sftp,
    "socks": socks,
    "results": results,
    "moments": moments,
    "verdicts": verdicts,
}
"""Name → what takes the bytes."""
