"""Strange and hostile answers, how fthg parses each, and why other parsers differ.

Section numbers are those of RFC 9112. Of the peers llhttp is strict, and http.client
accepts nearly everything.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple, Optional

from .readers import Seen

REFUSED = None
NOTHING: Mapping[str, str] = MappingProxyType({})


class Case(NamedTuple):
    """One answer; `others` has the reason of each peer that sees something else."""

    name: str
    data: bytes
    ours: Optional[Seen]
    others: Mapping[str, str] = NOTHING


def lax(why: str, **more: str) -> Mapping[str, str]:
    """Return the reason for which http.client accepts what fthg refuses."""
    return {"http.client": why, **more}


def strict(why: str, **more: str) -> Mapping[str, str]:
    """Return the reason for which llhttp refuses what fthg accepts."""
    return {"llhttp": why, **more}


def both(why: str) -> Mapping[str, str]:
    """Return the reason for which both peers see something else."""
    return {"http.client": why, "llhttp": why}


OK = b"HTTP/1.1 200 OK\r\n"
NONE = b"Content-Length: 0\r\n\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
LAST = b"0\r\n\r\n"
TWO = b"2\r\nhi\r\n" + LAST
REUSED = Seen(200, b"", reuse=True)
HI = Seen(200, b"hi", reuse=True)
LINE_FEED = "a bare LF may end a line (2.2), and old servers write it; llhttp is strict by default"
FOLDED = "folded lines are a part of the value (5.2); llhttp takes none"
NAMES = "the mail parser that it reads headers with stops there, or takes any name"
INT = "its int() takes signs, underscores and foreign digits; where that fails there is no length"
HEX = "its int(…, 16) takes signs, prefixes, underscores and white space"
LENIENT_END = "the end of the connection does for it as the end of the head"
EAGER = "it is done with the answer before what is amiss comes"
UNBOUNDED = "it has no limit here, or a higher one"

STATUS_LINES = (
    Case("no reason, but a space", b"HTTP/1.1 200 \r\n" + NONE, REUSED),
    Case("no reason and no space", b"HTTP/1.1 200\r\n" + NONE, REUSED),
    Case("a reason in UTF-8", "HTTP/1.1 200 Schön\r\n".encode() + NONE, REUSED),
    Case("a reason with NUL", b"HTTP/1.1 200 O\0K\r\n" + NONE, REFUSED,
         both("it looks at no byte of a reason (4)")),
    Case("the protocol in lower case", b"http/1.1 200 OK\r\n" + NONE, REFUSED),
    Case("a minor version to come", b"HTTP/1.2 200 OK\r\n" + NONE, REFUSED,
         lax("all of HTTP/1.x is 1.1 to it; no server speaks another one")),
    Case("a minor version of two digits", b"HTTP/1.10 200 OK\r\n" + NONE, REFUSED,
         lax("all of HTTP/1.x is 1.1 to it")),
    Case("HTTP/2 in words", b"HTTP/2.0 200 OK\r\n" + NONE, REFUSED,
         {"llhttp": "it knows 2.0 by name, though that is never written so"}),
    Case("a major version with zeros", b"HTTP/01.1 200 OK\r\n" + NONE, REFUSED),
    Case("Shoutcast", b"ICY 200 OK\r\n\r\n", REFUSED),
    Case("HTTP/0.9: no head at all", b"<html>hello</html>", REFUSED),
    Case("a status of two digits", b"HTTP/1.1 20 OK\r\n" + NONE, REFUSED),
    Case("a status of four digits", b"HTTP/1.1 2000 OK\r\n" + NONE, REFUSED),
    Case("a status below 100", b"HTTP/1.1 099 OK\r\n" + NONE, REFUSED),
    Case("a status of nobody's", b"HTTP/1.1 999 Denied\r\n" + NONE, Seen(999, b"", reuse=True)),
    Case("a negative status", b"HTTP/1.1 -200 OK\r\n" + NONE, REFUSED),
    Case("letters in the status", b"HTTP/1.1 2OO OK\r\n" + NONE, REFUSED),
    Case("foreign digits in the status", "HTTP/1.1 ٢٠٠ OK\r\n".encode() + NONE, REFUSED),
    Case("two spaces before the status", b"HTTP/1.1  200 OK\r\n" + NONE, REFUSED,
         lax("it splits at any white space")),
    Case("a tab before the status", b"HTTP/1.1\t200 OK\r\n" + NONE, REFUSED,
         lax("it splits at any white space")),
    Case("a blank line first", b"\r\n" + OK + NONE, REFUSED,
         {"llhttp": "servers may skip one (2.2); to a client it is a sign of lost framing"}),
    Case("a space first", b" " + OK + NONE, REFUSED, lax("it splits at any white space")),
    Case("a request", b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", REFUSED),
)  # fmt: skip

HEADERS = (
    Case("bare line feeds", b"HTTP/1.1 200 OK\nContent-Length: 2\n\nhi", HI, strict(LINE_FEED)),
    Case("one bare line feed", OK + b"A: b\nContent-Length: 2\r\n\r\nhi", HI, strict(LINE_FEED)),
    Case("a bare CR in a value", OK + b"A: b\rContent-Length: 5\r\n" + NONE, REFUSED),
    Case("bare CRs as line ends", b"HTTP/1.1 200 OK\rContent-Length: 0\r\r", REFUSED,
         lax("all of it is a status line to it")),
    Case("NUL in a value", OK + b"A: \0\r\n" + NONE, REFUSED, lax("it takes any byte (5.5)")),
    Case("NUL in a name", OK + b"A\0: b\r\n" + NONE, REFUSED, lax(NAMES)),
    Case("control characters in a value", OK + b"A: \x01\x7f\r\n" + NONE, REUSED,
         strict("they may be kept (5.5): they do no harm here, and logs escape them")),
    Case("latin-1 in a value", OK + b"A: \xe4\r\n" + NONE, REUSED),
    Case("a tab in a value", OK + b"A: b\tc\r\n" + NONE, REUSED),
    Case("an empty value", OK + b"A:\r\n" + NONE, REUSED),
    Case("no colon", OK + b"Nonsense\r\n" + NONE, REFUSED, lax(NAMES)),
    Case("no name", OK + b": b\r\n" + NONE, REFUSED, lax(NAMES)),
    Case("a space in a name", OK + b"A B: c\r\n" + NONE, REFUSED, lax(NAMES)),
    Case("a space before the colon", OK + b"Content-Length : 0\r\n\r\n", REFUSED, lax(NAMES)),
    Case("a tab before the colon", OK + b"Content-Length\t: 0\r\n\r\n", REFUSED, lax(NAMES)),
    Case("a name that is not ASCII", OK + "Ä: b\r\n".encode() + NONE, REFUSED, lax(NAMES)),
    Case("a folded line", OK + b"A: b\r\n c\r\n" + NONE, REUSED, strict(FOLDED)),
    Case("a folded line that comes first", OK + b" A: b\r\n" + NONE, REFUSED, lax(NAMES)),
    Case("a folded line of blanks", OK + b"Content-Length: 2\r\n \r\n\r\nhi", HI, strict(FOLDED)),
    Case("a head within a body", OK + b"A: b\r\n\r\n" + OK + NONE,
         Seen(200, OK + NONE, reuse=False)),
    Case("a header of 100 kB", OK + b"A: " + b"x" * 100_000 + b"\r\n" + NONE, REFUSED,
         {"llhttp": UNBOUNDED}),
    Case("a reason of 100 kB", b"HTTP/1.1 200 " + b"x" * 100_000 + b"\r\n" + NONE, REFUSED,
         {"llhttp": UNBOUNDED}),
    Case("1000 headers", OK + b"A: b\r\n" * 1000 + NONE, REFUSED, {"llhttp": UNBOUNDED}),
    Case("120 headers", OK + b"A: b\r\n" * 120 + NONE, REUSED, lax("it takes 100 at most")),
)  # fmt: skip


def length(value: bytes, body: bytes = b"hi") -> bytes:
    """Return an answer with this Content-Length."""
    return OK + b"Content-Length: " + value + b"\r\n\r\n" + body


LENGTHS = (
    Case("the same length twice", length(b"2\r\nContent-Length: 2"), HI,
         strict("a repeated length may be taken for one (6.3)")),
    Case("a list of the same length", length(b"2, 2"), HI,
         both("a list of one and the same length may be taken for one (6.3)")),
    Case("two lengths", length(b"2\r\nContent-Length: 3", b"hi!"), REFUSED,
         lax("it takes the first one")),
    Case("a list of two lengths", length(b"2, 3", b"hi!"), REFUSED, lax(INT)),
    Case("a negative length", length(b"-2"), REFUSED, lax(INT)),
    Case("a length with a sign", length(b"+2"), REFUSED, lax(INT)),
    Case("a length in hexadecimal", length(b"0x2"), REFUSED, lax(INT)),
    Case("a length with a fraction", length(b"2.0"), REFUSED, lax(INT)),
    Case("a length with an underscore", length(b"1_0", b"0123456789"), REFUSED, lax(INT)),
    Case("an empty length", length(b""), REFUSED, lax(INT)),
    Case("a length in words", length(b"two"), REFUSED, lax(INT)),
    Case("two numbers", length(b"2 3"), REFUSED, lax(INT)),
    Case("a length in foreign digits", length("٢".encode()), REFUSED, lax(INT)),
    Case("a length after a vertical tab", length(b"\x0b2"), REFUSED, lax(INT)),
    Case("a length with zeros", length(b"0002"), HI),
    Case("a length folded away", length(b"\r\n 2"), HI, strict(FOLDED)),
    Case("a length beyond 64 bits", length(b"99999999999999999999"), REFUSED),
    Case("a length of 2 modulo 2**64", length(b"18446744073709551618"), REFUSED),
    Case("a body that is too short", length(b"5"), REFUSED),
    Case("a body that is too long", length(b"2", b"hi and more"), Seen(200, b"hi", reuse=False),
         both("it leaves the rest for the next answer; to fthg nothing after it can be trusted")),
    Case("an answer to nobody's request", length(b"2") + OK + NONE, Seen(200, b"hi", reuse=False),
         both("it leaves the rest for the next answer; to fthg nothing after it can be trusted")),
)  # fmt: skip


def coded(value: bytes, body: bytes = TWO) -> bytes:
    """Return an answer with this Transfer-Encoding."""
    return OK + b"Transfer-Encoding:" + value + b"\r\n\r\n" + body


RAW = Seen(200, TWO, reuse=False)
NOT_CHUNKED = "what is not chunked at the end goes on to the end of the connection (6.3)"
ONE_CODING = "it knows chunked alone, and takes a list for something else"

CODINGS = (
    Case("a length, then chunked", length(b"2\r\nTransfer-Encoding: chunked", TWO), REFUSED,
         lax("chunked wins; a contradiction is how smuggling begins (6.3)")),
    Case("chunked, then a length", coded(b" chunked\r\nContent-Length: 2"), REFUSED,
         lax("chunked wins; a contradiction is how smuggling begins (6.3)")),
    Case("identity and a length", coded(b" identity\r\nContent-Length: 2", b"hi"), REFUSED,
         lax("it looks for chunked alone")),
    Case("chunked in HTTP/1.0", CHUNKED.replace(b"1.1", b"1.0") + TWO, REFUSED,
         both("HTTP/1.0 has no codings: such framing is faulty (6.1)")),
    Case("chunked", coded(b" chunked"), HI),
    Case("chunked in any case", coded(b" ChUnKeD"), HI),
    Case("gzip, chunked", coded(b" gzip, chunked"), HI, lax(ONE_CODING)),
    Case("gzip and chunked", coded(b" gzip\r\nTransfer-Encoding: chunked"), HI, lax(ONE_CODING)),
    Case("chunked twice", coded(b" chunked, chunked"), HI, lax(ONE_CODING)),
    Case("chunked, gzip", coded(b" chunked, gzip"), RAW, strict(NOT_CHUNKED)),
    Case("something like chunked", coded(b" xchunked"), RAW, strict(NOT_CHUNKED)),
    Case("chunked with a parameter", coded(b" chunked;q=1"), RAW, strict(NOT_CHUNKED)),
    Case("chunked after a vertical tab", coded(b" \x0bchunked"), RAW, strict(NOT_CHUNKED)),
    Case("chunked in quotes", coded(b' "chunked"'), RAW, strict(NOT_CHUNKED)),
    Case("chunked folded away", coded(b"\r\n chunked"), HI,
         strict(FOLDED, **{"http.client": "it leaves the line end in the value"})),
    Case("a space before the colon", OK + b"Transfer-Encoding : chunked\r\n\r\n" + TWO, REFUSED,
         lax(NAMES)),
    Case("no coding, and a length", coded(b"\r\nContent-Length: 2", b"hi"), HI,
         strict("an empty list names no coding")),
    Case("gzip alone", coded(b" gzip", b"body"), Seen(200, b"body", reuse=False),
         strict(NOT_CHUNKED)),
)  # fmt: skip

CHUNKS = (
    Case("extensions", CHUNKED + b"2;a=b;c\r\nhi\r\n" + LAST, HI),
    Case("an extension and a bare LF", CHUNKED + b"2;a\nhi\r\n" + LAST, REFUSED,
         lax("it takes any line end")),
    Case("a space after a size", CHUNKED + b"2 \r\nhi\r\n" + LAST, HI,
         strict("old servers pad sizes so")),
    Case("a space before a size", CHUNKED + b" 2\r\nhi\r\n" + LAST, REFUSED, lax(HEX)),
    Case("a negative size", CHUNKED + b"-2\r\nhi\r\n" + LAST, REFUSED),
    Case("a size with a sign", CHUNKED + b"+2\r\nhi\r\n" + LAST, REFUSED, lax(HEX)),
    Case("a size with a prefix", CHUNKED + b"0x2\r\nhi\r\n" + LAST, REFUSED, lax(HEX)),
    Case("a size with an underscore", CHUNKED + b"0_2\r\nhi\r\n" + LAST, REFUSED, lax(HEX)),
    Case("no size", CHUNKED + b"\r\nhi\r\n" + LAST, REFUSED),
    Case("a size in words", CHUNKED + b"zz\r\nhi\r\n" + LAST, REFUSED),
    Case("a size beyond 64 bits", CHUNKED + b"FFFFFFFFFFFFFFFFF\r\nhi\r\n" + LAST, REFUSED),
    Case("a size of 2 modulo 2**64", CHUNKED + b"10000000000000002\r\nhi\r\n" + LAST, REFUSED),
    Case("a size with zeros", CHUNKED + b"0002\r\nhi\r\n" + LAST, HI),
    Case("a size with many zeros", CHUNKED + b"0" * 16 + b"2\r\nhi\r\n" + LAST, REFUSED,
         both("it counts no zeros; 16 digits are all that a size needs")),
    Case("a chunk that is too long", CHUNKED + b"2\r\nhi!\r\n" + LAST, REFUSED),
    Case("a chunk that is too short", CHUNKED + b"3\r\nhi\r\n" + LAST, REFUSED),
    Case("chunks with bare line feeds", CHUNKED + b"2\nhi\n0\n\n", REFUSED),
    Case("a chunk without a line end", CHUNKED + b"2\r\nhi" + LAST, REFUSED),
    Case("no last chunk", CHUNKED + b"2\r\nhi\r\n", REFUSED),
    Case("no blank line at the end", CHUNKED + b"2\r\nhi\r\n0\r\n", REFUSED, lax(EAGER)),
    Case("trailers", CHUNKED + b"2\r\nhi\r\n0\r\nA: b\r\n\r\n", HI),
    Case("a length in the trailers", CHUNKED + b"2\r\nhi\r\n0\r\nContent-Length: 5\r\n\r\n", HI,
         strict("trailers are thrown away, framing or not (6.5.1 of RFC 9110)")),
    Case("a bad trailer", CHUNKED + b"2\r\nhi\r\n0\r\nbad\r\n\r\n", REFUSED,
         lax("it throws lines away until a blank one")),
    Case("more after the last chunk", CHUNKED + TWO + b"more", Seen(200, b"hi", reuse=False),
         both("it leaves the rest for the next answer")),
    Case("trailers of 120 kB", CHUNKED + b"0\r\n" + b"A: b\r\n" * 20_000 + b"\r\n", REFUSED,
         both(UNBOUNDED)),
    Case("an extension of 70 kB", CHUNKED + b"2;" + b"a" * 70_000 + b"\r\nhi\r\n" + LAST, REFUSED,
         {"llhttp": UNBOUNDED}),
)  # fmt: skip


def interim(status: str, fields: bytes = b"") -> bytes:
    """Return an answer that comes before the final one."""
    return f"HTTP/1.1 {status}\r\n".encode() + fields + b"\r\n"


STATUSES = (
    Case("100 first", interim("100 Continue") + OK + NONE, REUSED),
    Case("102 first", interim("102 Processing") + OK + NONE, REUSED, lax("it waits at 100 alone")),
    Case("103 first", interim("103 Early Hints", b"Link: x\r\n") + OK + NONE, REUSED,
         lax("it waits at 100 alone")),
    Case("100 with length", interim("100 Continue", b"Content-Length: 2\r\n") + OK + NONE, REUSED),
    Case("two hundred of 100", interim("100 Continue") * 200 + OK + NONE, REFUSED,
         both("it would skip them for ever")),
    Case("100 and no more", interim("100 Continue"), REFUSED),
    Case("101", interim("101 Switching Protocols", b"Upgrade: x\r\nConnection: Upgrade\r\n"),
         REFUSED, lax("it is final to it; nobody asked for another protocol")),
    Case("204 with a body", b"HTTP/1.1 204 Empty\r\n" + length(b"2")[len(OK):],
         Seen(204, b"", reuse=False), both("it leaves the rest for the next answer")),
    Case("204 with chunks", b"HTTP/1.1 204 Empty\r\n" + coded(b" chunked", LAST)[len(OK):],
         Seen(204, b"", reuse=False), both("it leaves the rest for the next answer")),
    Case("304 with a length", b"HTTP/1.1 304 Old\r\nContent-Length: 2\r\n\r\n",
         Seen(304, b"", reuse=True)),
    Case("205 with a body", b"HTTP/1.1 205 Reset\r\nContent-Length: 2\r\n\r\nhi",
         Seen(205, b"hi", reuse=True)),
)  # fmt: skip

ENDS = (
    Case("no framing", OK + b"\r\nbody", Seen(200, b"body", reuse=False)),
    Case("no framing, no body", OK + b"\r\n", Seen(200, b"", reuse=False)),
    Case("no framing in 1.0", b"HTTP/1.0 200 OK\r\n\r\nbody", Seen(200, b"body", reuse=False)),
    Case("close", OK + b"Connection: close\r\n" + NONE, Seen(200, b"", reuse=False)),
    Case("close in a list", OK + b"Connection: x, Close\r\n" + NONE, Seen(200, b"", reuse=False)),
    Case("keep-alive and close", OK + b"Connection: keep-alive\r\nConnection: close\r\n" + NONE,
         Seen(200, b"", reuse=False), lax("it looks at the first one alone")),
    Case("1.0 with keep-alive", b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n" + NONE, REUSED),
    Case("1.0", b"HTTP/1.0 200 OK\r\n" + NONE, Seen(200, b"", reuse=False)),
    Case("1.0 with Keep-Alive alone", b"HTTP/1.0 200 OK\r\nKeep-Alive: timeout=5\r\n" + NONE,
         Seen(200, b"", reuse=False), lax("it takes that for a promise")),
    Case("1.0 behind an old proxy", b"HTTP/1.0 200 OK\r\nProxy-Connection: keep-alive\r\n" + NONE,
         Seen(200, b"", reuse=False), both("an old header that only proxies were to hear")),
    Case("nothing", b"", REFUSED),
    Case("half a status line", b"HTTP/1.1 2", REFUSED),
    Case("half a head", OK + b"Content-Le", REFUSED, lax(LENIENT_END)),
    Case("no blank line", OK + b"Content-Length: 0\r\n", REFUSED, lax(LENIENT_END)),
    Case("half a blank line", OK + b"Content-Length: 0\r\n\r", REFUSED, lax(LENIENT_END)),
)  # fmt: skip

OTHERS = (
    Case("SMTP", b"220 mail.example.com ESMTP\r\n", REFUSED),
    Case("MySQL", b"J\x00\x00\x00\x0a5.5.5-10.11\x00", REFUSED),
    Case("a TLS alert", b"\x15\x03\x01\x00\x02\x02\x46", REFUSED),
    Case("HTTP/2", b"\x00\x00\x12\x04\x00\x00\x00\x00\x00", REFUSED),
    Case("zeros", bytes(100), REFUSED),
)

CASES = (*STATUS_LINES, *HEADERS, *LENGTHS, *CODINGS, *CHUNKS, *STATUSES, *ENDS, *OTHERS)
