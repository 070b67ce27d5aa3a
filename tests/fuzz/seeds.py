"""The first inputs of the fuzzers, a few of each kind, and words that occur in them."""

from __future__ import annotations

import re
import struct
from collections.abc import Mapping, Sequence
from pathlib import Path

_SAMPLE = (Path(__file__).parents[2] / "etc" / "jobs.yaml").read_bytes()
_EACH = b"""jobs:
  p-${name}:
    each: [{name: a, user: ann, pw: x}, {name: b, user: "${HOME}"}]
    url: sftp://${user}:${pw:-none}@h/$${x}
    files: in
    rate: 1 every 30s
"""
_JOB = b"""\
run: {duration: 1m, results: "r-{date}.jsonl", thresholds: [failed < 1%]}
defaults: &d {timeout: 30s}
jobs:
  a:
    <<: *d
    url: "https://ann:p%40ss@h/{uuid}?token=x"
    files: /tmp
    rate: 5/s
    headers: {X-Id: "{uuid}", Authorization: "Bearer ${TOKEN:-abc}"}
    auth: {basic: {user: u, password: p}}
  b: {url: sftp://ann@h/in, files: /tmp, rate: 1 every 30s, password: x}
track: {ingress: mysql://u:p@h/d, from: today, sla: 60s}
"""
RESULT = (
    b'{"run":"r","job":"a","seq":0,"uuid":"u","file":"f","size":1,"outcome":"ok","due":1.5,'
    b'"start":1.5,"end":2.25,"code":200,"error":null,"detail":null,"bytes":1,'
    b'"phases":{"sending":0.1}}\n'
)
_FAILED = RESULT.replace(b'"ok"', b'"failed"').replace(b'"error":null', b'"error":"dns"')

SEEDS: Mapping[str, Sequence[bytes]] = {
    "config": [_JOB, _EACH, re.sub(rb"(?m)^# ?", b"", _SAMPLE)],
    "document": [_JOB, b"a: &a [x, *b]\nb: &b {<<: [*a, *b], ? k : |\n  t\n}", b"- \tx\r\n-\t\ty"],
    "units": [b"1h30m", b"64KiB", b"120 files per hour", b"1 every 30s", b"max", b"10/30s",
              b"2026-01-31T14:00:00.5+01:00", b"now-2h", b"yesterday", b"-1.5d",
              b"fri-mon,wed 08:00", b"0/s"],
    "placeholders": [b"{uuid}-{{x}}-{filename}", b"{uuid.__class__}", b"{size!r:>9}"],
    "fillings": [b"{uuid}\n{{x}} {filename}%s", b"\xc3\xbc{seq}\xff", b'{"a": 1}\n{size}'],
    "http": [b"\x00\x03" + text for text in (
        b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc",
        b"HTTP/1.1 100 C\r\n\r\nHTTP/1.1 500\r\nTransfer-Encoding: chunked\r\n\r\n"
        b"2;x=y\r\nab\r\n0\r\nT: r\r\n\r\n",
        b"HTTP/1.1 204 No\r\nConnection: close\r\nX: a\r\n b\r\n\r\n",
    )],
    "details": [b"\x01\x01<!DOCTYPE html><html><meta charset=latin1><title>a</title><body><p>b&amp;"
                b"<script>c</script><!-- d -->", b"\x02\x00\xff\xfea\x00", b'\x00\x00{"e": "f"}',
                b"\x03\x00+AGE-charset=zip"],
    "regular": [b'(?i)"status": *"(ok|accepted)"\n{"status": "Accepted"}', b"^a{2,3}\\b$\naaa\n",
                b"(?x)[^b-d]+?  # c\nabcd", b"(?s:.)(?P<n>a)\\w\\W\\A\\Z|\n\nab"],
    "locations": [b"https://u:p@example.com:8443/a/../b?token=x#y", b"//[fe80::1%25eth0]/", b"in",
                  "http://bücher.example./%zz".encode()],
    "challenges": [
        b'Basic realm="a", Digest realm="b\\"", nonce=c/=, qop="auth,auth-int", algorithm=SHA-256,'
        b' userhash=true, opaque="d", stale=TRUE, charset=UTF-8',
        b"Negotiate YII/+==, NTLM", b'Digest nonce="e", algorithm=MD5-sess, qop=auth',
        b'{"access_token": "a.b.c", "token_type": "Bearer", "expires_in": "3600", "scope": ""}',
        b'{"error": "invalid_scope", "error_description": "no"}',
    ],
    "certificates": [
        b"\x0b\x00\x00\x0a\x00\x00\x07\x00\x00\x04\x30\x02\x02\x00",
        b"\x0b\x00\x00\x0d\x00\x00\x00\x09\x00\x00\x04\x30\x02\x02\x00\x00\x00",
    ],
    "sftp": [b"\x02" + b"".join(struct.pack(">I", len(body)) + body for body in (
        b"\x02\x00\x00\x00\x03\x00\x00\x00\x01a\x00\x00\x00\x01b",
        b"\x65\x00\x00\x00\x01\x00\x00\x00\x04\x00\x00\x00\x02no\x00\x00\x00\x00",
        b"\x66\x00\x00\x00\x02\x00\x00\x00\x04hand",
        b"\x69\x00\x00\x00\x03\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x05",
    ))],
    "socks": [
        b"\x00\x05\x00\x05\x00\x00\x01" + bytes(6),
        b"\xff\x05\x02\x01\x00\x05\x00\x00\x03\x01p" + bytes(2),
    ],
    "results": [
        RESULT * 2 + _FAILED,
        _FAILED + RESULT[:-20],
        _FAILED.replace(b'"a"', b'"\\u001b[31m"').replace(b"null", b'"\\u009b\\r\\n"') * 25,
    ],
    "moments": [
        b"at,x\r\n2026-01-31T14:00:00.5Z,1\n1769868000.25,\"a,\nb\"\n,\n20260131T14+01:00,c\n",
        b"\xef\xbb\xbfx;at\n;2026-01-31\n" * 2,
        RESULT * 2 + _FAILED,
    ],
    "verdicts": [
        b'transit p95 < 120% of baseline\n{"transfers": 3, "transit": {"p95": 0.25, "max": 1e9},'
        b' "sla": {"within": 2, "due": 3}, "unpaired": {"ingress": 0, "egress": 1}}',
        b'pass_rate >= 99.5 % of baseline\n{"transfers": 3, "pass_rate": 0.5, "sent": null}',
        b'failed == 100% of baseline\n{"transfers": 3, "failed": -1, "sent": {"missing": 7}}',
    ],
}  # fmt: skip
"""Name of a target → inputs."""


def words(target: str) -> list[bytes]:
    """The words of a target's seeds, for the fuzzer to put elsewhere."""
    found = {word for seed in SEEDS[target] for word in re.findall(rb"[\w.%-]{2,24}", seed)}
    return sorted(found)
