"""Results files that are read twice, standard input too."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import BinaryIO, NamedTuple, cast

from ..errors import StartError
from ..writing import STANDARD_OUTPUT

STANDARD_INPUT = STANDARD_OUTPUT


class Rereadable(NamedTuple):
    """A results file from its first line on, as often as it is wanted."""

    path: str
    content: BinaryIO
    start: int  # where its lines begin

    def rewound(self) -> BinaryIO:
        """Return the file, at its first line."""
        self.content.seek(self.start)
        return self.content


def open_twice(path: str, standard_input: BinaryIO, stack: ExitStack) -> Rereadable:
    """Open a file until the stack closes; what cannot be read twice is copied to disk."""
    with named_in_errors(path):
        file = standard_input
        if path != STANDARD_INPUT:
            file = stack.enter_context(open(path, "rb"))  # noqa: SIM115 - it is
        if file.seekable():
            return Rereadable(path, file, file.tell())
        copy = cast("BinaryIO", stack.enter_context(tempfile.TemporaryFile()))  # noqa: SIM115
        shutil.copyfileobj(file, copy)
        return Rereadable(path, copy, 0)


@contextmanager
def named_in_errors(path: str) -> Iterator[None]:
    """Turn an OSError of the block into a StartError that names the file."""
    try:
        yield
    except OSError as error:
        raise StartError(f"the results file {path} cannot be read: {error.strerror}") from None
