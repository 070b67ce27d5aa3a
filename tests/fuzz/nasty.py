"""Inputs of any length that are hard to parse: long blanks, many small pieces, what has no end."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from types import MappingProxyType
from typing import Callable

from .seeds import RESULT

_OF_BASELINE = b"failed < 9% of baseline\n"

Nasty = Callable[[int], bytes]
"""A length in bytes → an input of about that length."""


def repeated(piece: bytes, before: bytes = b"", after: bytes = b"") -> Nasty:
    """Return inputs that hold as many of these pieces as there is place for."""
    return lambda size: before + piece * max(1, size // len(piece)) + after


def numbered(piece: bytes, before: bytes = b"", after: bytes = b"") -> Nasty:
    """Return the same with a number in each piece, in place of its %d."""

    def make(size: int) -> bytes:
        count = max(1, size // (len(piece) + 2))
        return before + b"".join(piece.replace(b"%d", b"%d" % at) for at in range(count)) + after

    return make


def steps(size: int) -> bytes:
    """Return YAML of which each line is indented by one more."""
    depth = int((2 * size) ** 0.5)
    return b"".join(b" " * each + b"a:\n" for each in range(depth))


_OK = b"\x00\x03HTTP/1.1 200 OK\r\n"  # first the target's own bytes
_CHUNKED = _OK + b"Transfer-Encoding: chunked\r\n\r\n"
_JOB = b"jobs: {a: {url: 'http://h/', files: /tmp, rate: 1/s, "
_STANDSTILL = b'{"run":"r","standstill":{"start":%d,"seconds":1,"dropped":0,"cause":"x"}}\n'

YAML: Mapping[str, Nasty] = {
    "open lists": repeated(b"["),
    "open mappings": repeated(b"{"),
    "lists in lists": repeated(b"- "),
    "steps": steps,
    "open quotes": repeated(b"x\n ", b'a: "'),
    "doubled quotes": repeated(b"''", b"a: '"),
    "blanks before a value": repeated(b" ", b"a:", b"b"),
    "blanks after a value": repeated(b" ", b"a: b"),
    "blanks and tabs": repeated(b" \t", b"a: b", b"x"),
    "lines of blanks": repeated(b" \t\n", b"a: b"),
    "tabs after dashes": repeated(b"-\t"),
    "colons": repeated(b":"),
    "line ends": repeated(b"\r"),
    "keys": numbered(b"k%d: v\n"),
    "one key": repeated(b"k: v\n"),
    "aliases": repeated(b"*a,", b"a: &a [x]\nb: [", b"]"),
    "merges": repeated(b"*a,", b"a: &a {x: y}\nb: {<<: [", b"]}"),
    "variables without an end": repeated(b"${X_", b"a: "),
    "defaults without an end": repeated(b"${X:-", b"a: "),
    "unset variables": repeated(b"${X}", b"a: "),
    "a bad line of blanks": repeated(b" ", b"a: @"),
    "a bad line of braces": repeated(b"{,", b"a: @"),
    "escapes": repeated(b"\\", b'a: "\\d', b"x"),
    "a bad line of colons": repeated(b": ", b"a: b"),
    "a bad line of names": repeated(b"{password ", b"- ", b"@"),
}
"""For both targets of the configuration."""

NASTY: Mapping[str, Mapping[str, Nasty]] = MappingProxyType(
    {
        "document": YAML,
        "config": {
            **YAML,
            "unknown keys of a job": numbered(b"k%d: v, ", _JOB, b"}}"),
            "unknown keys of a run": numbered(b"k%d: v, ", b"run: {", b"}"),
            "unknown defaults": numbered(b"k%d: v, ", b"defaults: {", b"}"),
            "unknown jobs": numbered(b"  k%d: {}\n", b"jobs:\n"),
            "rows": numbered(b"{n: p%d}, ", b"jobs: {'${n}': {x: y, each: [", b"]}}"),
            "rows without a name": repeated(b"{n: p}, ", b"jobs: {'${m}': {x: y, each: [", b"]}}"),
            "headers": numbered(b"k%d: v, ", _JOB + b"headers: {", b"}}}"),
            "secret headers": numbered(b"k%d-token: v%d, ", _JOB + b"headers: {", b"}}}"),
            "bad thresholds": repeated(b"faild < 1%, ", _JOB + b"thresholds: [", b"]}}"),
            "URLs": repeated(b"a://b:c", b"jobs: {a: {url: '", b"'}}"),
            "statuses": repeated(b"200,", _JOB + b"expect: '", b"200'}}"),
        },
        "units": {
            repr(piece): repeated(piece)
            for piece in (b"1", b"1h", b"1 ", b" ", b"1us", b"9.", b"1/", b"every ", b"-", b"2026-")
        },
        "placeholders": {
            repr(piece): repeated(piece) for piece in (b"{{", b"{uuid}", b"{", b"}", b"{x", b"%")
        },
        "fillings": {
            repr(piece): repeated(piece)
            for piece in (b"{{", b"{uuid}", b"{", b"{x", b"%", b"\n", b"\xc3\xbc", b"x{seq}\n")
        },
        "http": {
            "a folded line of blanks": repeated(b" ", _OK + b"A: b\r\n", b"\0\r\n\r\n"),
            "folded lines": repeated(b" x\r\n", _OK + b"A: b\r\n", b"\0\r\n\r\n"),
            "headers": repeated(b"a:\n", _OK, b"\0\r\n\r\n"),
            "a name": repeated(b"a", _OK, b"\r\n\r\n"),
            "a reason": repeated(b"a", b"\x00\x03HTTP/1.1 200 ", b"\r\n\r\n"),
            "carriage returns": repeated(b"\r", _OK + b"A:", b"\r\n\r\n"),
            "lengths": repeated(b"5,", _OK + b"Content-Length: ", b"5\r\n\r\n12345"),
            "options": repeated(b"a,", _OK + b"Connection: ", b"\r\n\r\n"),
            "chunks": repeated(b"1\r\nx\r\n", _CHUNKED, b"0\r\n\r\n"),
            "extensions": repeated(b"1;" + b"a" * 900 + b"\r\nx\r\n", _CHUNKED, b"0\r\n\r\n"),
            "trailers": repeated(b"A: b\r\n", _CHUNKED + b"0\r\n", b"\0\r\n\r\n"),
        },
        "details": {
            **{
                repr(piece): repeated(piece, b"\x01\x01<html>")
                for piece in (
                    *(b"<a", b"<a b='", b"<!--", b"<![", b"<p>x", b"<b>x</b>", b"<script>", b"&#"),
                    *(b"</script ", b"<script></script ", b"&amp;", b"&#9", b"<?xml ", b" "),
                )
            },
            "a name": repeated(b"a", b"\x01\x01<html><", b"<b>"),
            "a number": repeated(b"9", b"\x01\x01<html>&#", b";"),
            "the end of a script": repeated(b" ", b"\x01\x01<html><script></script", b"<b>"),
        },
        "regular": {
            **{
                expression: repeated(b"a", expression.encode() + b"\n", b"!")
                for expression in ("(a+)+$", "(a|aa)+$", "a.*b", "(a*)*b", "(.*)*x(.*)*y")
            },
            "blanks": repeated(b" ", b"\\s+$\n", b"!"),
            "words": repeated(b"accepted ", b"accepted.*id\n"),
            "letters": repeated(b"abbab", b"(a|b)*a(a|b)(a|b)c\n"),
            "groups": repeated(b"("),
            "repeats": repeated(b"a*"),
            "choices": repeated(b"a|"),
            "sets": repeated(b"[a]"),
            "open sets": repeated(b"["),
        },
        "locations": {
            "a name": repeated(b"a", b"http://"),
            "a foreign name": repeated("ä".encode(), b"http://"),
            "foreign digits": repeated("٠".encode(), b"http://"),
            "labels": repeated("ä.".encode(), b"http://"),
            "a port": repeated(b"0", b"http://h:", b"80/"),
            "an address": repeated(b"0:", b"http://[", b"]/"),
            "a zone": repeated(b"a", b"http://[fe80::1%25", b"]/"),
            "user infos": repeated(b"@", b"http://"),
            "parents": repeated(b"../", b"/"),
            "percent signs": repeated(b"%", b"/"),
            "parameters": repeated(b"token=x&", b"/?"),
        },
        "challenges": {
            "schemes": repeated(b"a "),
            "parameters": repeated(b"a=b ", b"Digest "),
            "quotes": repeated(b'"', b"Digest a="),
            "backslashes": repeated(b"\\", b'Digest a="'),
            "blanks": repeated(b" ", b"Digest", b"!"),
            "letters": repeated(b"a", b"Digest ", b"!"),
            "lists": repeated(b"["),
            "mappings": repeated(b'{"a":'),
        },
        "certificates": {
            "empty ones": lambda size: _certificates(b"\0\0\0" * (size // 3)),
            "one": lambda size: _certificates(size.to_bytes(3, "big") + bytes(size)),
        },
        "sftp": {
            "small packets": repeated(b"\0\0\0\x01\x02", b"\xff"),
            "a packet in pieces": lambda size: b"\x00" + _packet(b"\x65" + bytes(size)),
            "extensions": lambda size: (
                b"\xff" + _packet(b"\x02\0\0\0\x03" + b"\0\0\0\x01a\0\0\0\0" * (size // 9))
            ),
        },
        "socks": {
            "answers": repeated(b"\x05\x00", b"\x00"),
            "a name": repeated(b"p", b"\x00\x05\x00\x05\x00\x00\x03\xff"),
        },
        "results": {
            "results": repeated(RESULT),
            "jobs": numbered(RESULT.replace(b'"job":"a"', b'"job":"a%d"')),
            "runs": numbered(RESULT.replace(b'"run":"r"', b'"run":"r%d"')),
            "standstills": numbered(_STANDSTILL),
            "blank lines": repeated(b"\n"),
            "lines that are none": repeated(b"x\n"),
            "open lists": repeated(b"["),
            "open mappings": repeated(b'{"a":'),
            "digits": repeated(b"9", b'{"due": ', b"}"),
            "escapes": repeated(b"\\u0041", b'{"a": "'),
            "keys": numbered(b'"k%d":1,', b"{", b'"":1}'),
        },
        "moments": {
            "moments": repeated(b"2026-01-31T14:00:00.5Z\n", b"at\n"),
            "minutes": numbered(b"%d\n", b"at\n"),
            "backwards": numbered(b"-%d\n", b"at\n"),
            "columns": numbered(b"c%d,", b"", b"at\n1\n"),
            "cells": repeated(b",", b"at\n1"),
            "quotes": repeated(b'"', b'at\n"'),
            "lines in quotes": repeated(b"\n", b'at\n"'),
            "blank lines": repeated(b"\n", b"at\n"),
            "digits": repeated(b"9", b"at\n"),
            "blanks": repeated(b" ", b"at\n2026-01-31T14:00", b"x"),
            "results": repeated(RESULT),
        },
        "verdicts": {
            "blanks": repeated(b" ", b"failed < 1%", b"x\n"),
            "percent signs": repeated(b"% of ", b"failed < ", b"\n"),
            "digits of a limit": repeated(b"9", b"failed < ", b"%\n"),
            "open lists": repeated(b"[", _OF_BASELINE),
            "digits": repeated(b"9", _OF_BASELINE + b'{"transfers":', b"}"),
            "keys": numbered(b'"k%d":1,', _OF_BASELINE + b"{", b'"transfers":1}'),
        },
    }
)
"""Name of a target → kind → inputs."""


def _certificates(certificates: bytes) -> bytes:
    size = len(certificates)
    return b"\x0b" + (size + 3).to_bytes(3, "big") + size.to_bytes(3, "big") + certificates


def _packet(body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + body
