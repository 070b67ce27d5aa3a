"""The content of a transfer from any source: small content at once, large never as a whole."""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Generator
from functools import partial
from typing import Optional, TypeVar

from gevent.lock import BoundedSemaphore

from .access import AT_ONCE
from .errors import TransferError

SMALL = 64 * 1024
"""Bytes up to which content is read, or made, at once."""

BLOCK = 256 * 1024
"""Bytes of larger content that are in memory at one time."""

_PIECE = 8 * 1024 * 1024
"""Bytes of which the digest is computed in one call of a thread, so that others have their turn."""


OnRead = Callable[[], object]
"""Called in the hub, without arguments, once what was being read is there."""

AnyContent = TypeVar("AnyContent", bound="Content")


class Content(ABC):
    """`size` bytes, the same each time they are read."""

    def __init__(self, size: int, small: Optional[bytes] = None) -> None:
        self.size = size
        self.small = small  # the whole content; None: it is read block by block
        self.digests: Optional[Digests] = None

    @abstractmethod
    def read_at_once(self, offset: int, most: int = BLOCK) -> bytes:
        """Return a block that is not small, in any thread; raises OSError or TransferError."""

    def read(self, offset: int, most: int = BLOCK) -> bytes:
        """Return the block at `offset`, at most so long; raises TransferError: file, threads."""
        if self.small is not None:
            return self.small[offset : offset + most]
        return self.read_at_once(offset, most)

    def blocks(self, most: int = BLOCK) -> Generator[bytes, None, None]:
        """Yield all bytes, at most `most` at once; none of empty content.

        Raises TransferError (file) before the last block if a file has changed.
        """
        offset = 0
        while offset < self.size:
            block = self.read(offset, most)
            offset += len(block)
            yield block

    def poll_blocks(
        self,
        most: int,
        on_read: OnRead,  # noqa: ARG002 - only a file may have to be waited for
    ) -> Generator[bytes, None, None]:
        """Yield as `blocks` does, but never wait: yield b"" while the next block is being read.

        `on_read` is called in the hub once it is there.
        """
        return self.blocks(most)

    @property
    def unanswered(self) -> Optional[TransferError]:
        """The error if its file system does not answer; None: it comes from no file."""
        return None

    def digest(self, algorithm: str) -> bytes:
        """Return the digest, computed once; other greenlets run meanwhile. Raises TransferError."""
        if self.digests is None:
            self.digests = Digests()
        return self.digests.find(algorithm, partial(self._compute, algorithm))

    def _compute(self, algorithm: str) -> bytes:
        hasher = hashlib.new(algorithm, usedforsecurity=False)  # MD5 also in FIPS mode
        if self.small is not None:
            hasher.update(self.small)
        else:
            for begin in range(0, self.size, _PIECE):
                self._in_thread(partial(self._feed, hasher.update, begin))
        return hasher.digest()

    def _feed(self, update: Callable[[bytes], None], begin: int) -> None:
        end = min(begin + _PIECE, self.size)
        while begin < end:
            block = self.read_at_once(begin, min(BLOCK, end - begin))
            update(block)
            begin += len(block)

    def _in_thread(self, act: Callable[[], None]) -> None:
        AT_ONCE.in_thread(act)

    def close(self) -> None:  # noqa: B027 - only a file must be closed
        """End all reading."""

    def __enter__(self: AnyContent) -> AnyContent:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Digests:
    """The digests of one content, each computed by the first that wants it, while others wait."""

    def __init__(self, state: tuple[int, ...] = ()) -> None:
        self.state = state  # of the file
        self.cost = 0
        self._known: dict[str, bytes] = {}
        self._computing = BoundedSemaphore()

    def find(self, algorithm: str, compute: Callable[[], bytes]) -> bytes:
        """Return one of them; an error of `compute` is that of this call alone."""
        known = self._known.get(algorithm)
        if known is None:
            with self._computing:
                known = self._known.get(algorithm) or compute()
                self._known[algorithm] = known
        return known
