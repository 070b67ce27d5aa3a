"""One request while it is sent: its parts, and how much of it the kernel has taken."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Optional

from ...content import BLOCK, SMALL, Content
from ...peer import Peer
from ...transfer import Transfer
from ..bandwidth import Budget
from ..stopwatch import Stopwatch
from ..tcp_info import Delivery
from .answer import EXCERPT

EXPECT = "Expect: 100-continue\r\n"
"""The header line by which a request waits for the server before its body."""

_EXPECT_LINE = b"\r\n" + EXPECT.encode()
_LAST_CHUNK = b"0\r\n\r\n"

Sign = Callable[["Request"], str]
"""Returns the value of Authorization for a request; raises TransferError (auth)."""


class Request:
    """The request of one transfer, and how much of it was handed to the kernel."""

    __slots__ = (
        "after",  # of the body, after the file
        "bare",  # the head before it was signed; None: it was not
        "before",  # of the body, before the file
        "block",  # bytes of the body that are written at once
        "budget",  # of the bytes of the body a second; None: no limit
        "content",
        "delivery",  # how far it had come when it failed
        "described",  # header lines that describe the body, with the blank line
        "expects",  # True: the body waits for `100 Continue`
        "head",  # request line and headers
        "kept",  # bytes of the answer's body
        "method",
        "peer",  # the connection that it was sent over
        "sign",  # makes the value of Authorization when it is about to be sent; None: nothing does
        "transfer",
        "watch",
        "written",  # bytes, of the head, too
    )
    _BLOCK = BLOCK

    def __init__(
        self,
        method: str,
        transfer: Transfer,
        content: Content,
        watch: Stopwatch,
        head: bytes,
        described: str = "",
        before: bytes = b"",
        after: bytes = b"",
        kept: int = EXCERPT,
    ) -> None:
        self.method = method
        self.transfer = transfer
        self.content = content
        self.watch = watch
        self.head = head
        self.described = described
        self.before = before
        self.after = after
        self.kept = kept
        self.block = self._BLOCK
        self.expects = False
        self.budget: Optional[Budget] = None
        self.written = 0
        self.peer: Optional[Peer] = None
        self.delivery: Optional[Delivery] = None
        self.bare: Optional[bytes] = None
        self.sign: Optional[Sign] = None

    @property
    def length(self) -> int:
        """Bytes of the body as it is written."""
        return len(self.before) + self.content.size + len(self.after)

    @property
    def whole(self) -> bool:
        """True once all of it was written."""
        return self.written == len(self.head) + self.length

    @property
    def body_written(self) -> int:
        """Bytes of the body that were written."""
        return max(0, self.written - len(self.head))

    @property
    def sent(self) -> int:
        """Bytes of the file that were written."""
        return min(max(0, self.body_written - len(self.before)), self.content.size)

    @property
    def target(self) -> str:
        """The target in its request line."""
        return self.head.split(b" ", 2)[1].decode("utf-8", "surrogateescape")

    def limit(self, budget: Budget) -> None:
        """Send the body no faster than the budget allows."""
        self.budget, self.block = budget, budget.block

    def at_once(self, small: bytes) -> bytes:
        """Return head and body in one piece; `small` is the content."""
        return b"".join((self.head, self.before, small, self.after))

    def blocks(self) -> Iterator[bytes]:
        """Yield the body block by block as it is written; raises TransferError (file)."""
        yield from _cut(self.before, self.block)
        yield from self.content.blocks(self.block)
        yield from _cut(self.after, self.block)

    def authorize(self) -> None:
        """Put the Authorization header into the head, in place of an earlier one."""
        if self.sign is not None:
            value = self.sign(self)
            self.bare = self.bare or self.head
            line = f"Authorization: {value}\r\n".encode("utf-8", "surrogateescape")
            self.head = b"".join((self.bare[:-2], line, b"\r\n"))

    def restart(self, head: Optional[bytes] = None) -> None:
        """Prepare to be sent once more, perhaps by another head: nothing is written yet."""
        self.head = head or self.bare or self.head
        self.bare = None
        self.written = 0
        self.peer = self.delivery = None

    def restart_without_expect(self) -> None:
        """Prepare to be sent once more, without waiting for `100 Continue`."""
        self.expects = False
        self.described = self.described.replace(EXPECT, "")
        self.restart((self.bare or self.head).replace(_EXPECT_LINE, b"\r\n"))


class ChunkedRequest(Request):
    """A request whose body is sent in chunks (RFC 9112, section 7.1)."""

    __slots__ = ()
    _BLOCK = SMALL  # a small file is one chunk

    @property
    def length(self) -> int:
        """Bytes of the body as it is written, with the frames of its chunks and the last one."""
        sizes = len(self.before), self.content.size, len(self.after)
        return sum(framed_size(size, self.block) for size in sizes) + len(_LAST_CHUNK)

    @property
    def sent(self) -> int:
        """Bytes of the file that were written."""
        written = self.body_written - framed_size(len(self.before), self.block)
        return content_within(max(0, written), self.content.size, self.block)

    def at_once(self, small: bytes) -> bytes:  # noqa: ARG002 - `blocks` reads it
        """Return head and body in one piece."""
        return b"".join((self.head, *self.blocks()))

    def blocks(self) -> Iterator[bytes]:
        """Yield the body chunk by chunk, and the last chunk; raises TransferError (file)."""
        for block in super().blocks():
            yield b"%x\r\n%b\r\n" % (len(block), block)
        yield _LAST_CHUNK


def framed_size(size: int, chunk: int) -> int:
    """Return the bytes that `size` take in chunks of at most `chunk`, without the last chunk."""
    whole, rest = divmod(size, chunk)
    return size + whole * _frame(chunk) + (_frame(rest) if rest else 0)


def content_within(written: int, size: int, chunk: int) -> int:
    """Return how many of `size` bytes are among the first `written` ones of their chunks."""
    whole, rest = divmod(written, chunk + _frame(chunk))
    before = whole * chunk
    if before >= size:
        return size
    current = min(chunk, size - before)
    return before + min(max(0, rest - len(b"%x\r\n" % current)), current)


def _frame(size: int) -> int:
    return len(b"%x\r\n\r\n" % size)


def _cut(data: bytes, most: int) -> Iterator[bytes]:
    return (data[at : at + most] for at in range(0, len(data), most))
