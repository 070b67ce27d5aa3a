"""Results files that are read several times, standard input too, none of which stays open."""

from __future__ import annotations

import glob
import os
import shutil
import stat
import tempfile
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from itertools import islice
from typing import BinaryIO, NamedTuple, Optional, cast

from ..errors import StartError
from ..writing import STANDARD_OUTPUT
from .read import Skipped, read_lines, results_in
from .recorded import Recorded

STANDARD_INPUT = STANDARD_OUTPUT


class Rereadable(NamedTuple):
    """A results file of which any part can be read any number of times."""

    path: str
    size: int  # bytes that are read, whatever is appended meanwhile
    identity: tuple[int, int] = (0, 0)  # device and number, whatever its name
    held: Optional[BinaryIO] = None  # of a file that cannot be opened again: it stays open
    start: int = 0  # where its lines begin

    def lines(self, offset: int = 0) -> Generator[tuple[bytes, int], None, None]:
        """Yield its lines with their sizes, from an offset on; it is open until then.

        Raises StartError if it cannot be read, or is another file, or a shorter one, by now.
        """
        with named_in_errors(self.path), ExitStack() as stack:
            file = self.held or stack.enter_context(open(self.path, "rb"))
            if self.held is None and _identity(os.fstat(file.fileno())) != self.identity:
                raise StartError(f"the results file {self.path} was replaced while it was read")
            file.seek(self.start + offset)
            left = self.size - offset
            for line, size in read_lines(file) if left else ():
                if size >= left:
                    yield line[:left], left
                    return
                left -= size
                yield line, size
            if left:
                raise StartError(f"the results file {self.path} became shorter while it was read")

    def blocks(self, skipped: Skipped, lines: int) -> Iterator[Sequence[Recorded]]:
        """Yield its results, those of `lines` lines at once; it is open only meanwhile."""
        number, offset = 1, 0
        while offset < self.size:
            with closing(self.lines(offset)) as following:
                block = list(islice(following, lines))
            yield list(results_in(block, skipped, number))
            number += len(block)
            offset += sum([size for _, size in block])


def rereadable(
    paths: Iterable[str], standard_input: BinaryIO, stack: ExitStack
) -> Sequence[Rereadable]:
    """Return the files, each once by whatever names it is given; StartError if one is not there.

    What cannot be read twice is copied to disk, and kept until the stack closes.
    """
    found: dict[object, Rereadable] = {}
    for path in dict.fromkeys(paths):
        file = _rereadable(path, standard_input, stack)
        found.setdefault(file.identity if file.held is None else path, file)
    return list(found.values())


def _rereadable(path: str, standard_input: BinaryIO, stack: ExitStack) -> Rereadable:
    with named_in_errors(path):
        if path == STANDARD_INPUT:
            if standard_input.seekable():
                start = standard_input.tell()
                size = standard_input.seek(0, os.SEEK_END) - start
                return Rereadable(path, size, held=standard_input, start=start)
            return _copied(path, standard_input, stack)
        with open(path, "rb") as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                return _copied(path, file, stack)
            return Rereadable(path, status.st_size, _identity(status))


def _copied(path: str, file: BinaryIO, stack: ExitStack) -> Rereadable:
    copy = cast("BinaryIO", stack.enter_context(tempfile.TemporaryFile()))  # noqa: SIM115 - it is
    shutil.copyfileobj(file, copy)
    return Rereadable(path, copy.tell(), held=copy)


def _identity(status: os.stat_result) -> tuple[int, int]:
    return status.st_dev, status.st_ino


@contextmanager
def named_in_errors(path: str) -> Iterator[None]:
    """Turn an OSError of the block into a StartError that names the file."""
    try:
        yield
    except FileNotFoundError as error:
        if glob.has_magic(path):
            raise StartError(f"no results file matches {path}") from None
        raise unreadable(path, error) from None
    except OSError as error:
        raise unreadable(path, error) from None


def unreadable(path: str, error: OSError) -> StartError:
    """Return the error of a results file that cannot be read."""
    return StartError(f"the results file {path} cannot be read: {error.strerror}")
