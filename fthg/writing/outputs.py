"""Check the outputs of a run before it starts."""

from __future__ import annotations

import stat
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from typing import NamedTuple, Optional

from .. import native
from ..errors import ConfigError
from .clashes import clashes
from .failure import unwritable
from .place import locate, open_stream
from .writable import check_writable


class OutputFile(NamedTuple):
    """A path to write, if it is given, and the key that names it."""

    key: str  # run.results
    path: Optional[str]
    appended: bool = False  # False: the file is replaced as a whole
    only_file: bool = False  # True: neither a device nor standard output


class InputFile(NamedTuple):
    """A path that is read, and the name of its content."""

    what: str  # the configuration
    path: str  # "-": standard input


def check_outputs(outputs: Iterable[OutputFile], inputs: Iterable[InputFile] = ()) -> None:
    """Raise an error unless every output can be written and overwrites nothing else.

    ConfigError with a line for each output that is also another one, or an input, however its path
    is spelled; StartError for the first one that cannot be written. Leaves no trace.
    """
    given = [(output, output.path) for output in outputs if output.path]
    found = clashes([(output.key, path) for output, path in given], inputs)
    if found:
        raise ConfigError(*found)
    for output, path in given:
        check_writable(output.key, path, appended=output.appended, only_file=output.only_file)


@contextmanager
def holding_pipes(outputs: Iterable[OutputFile]) -> Iterator[None]:
    """Keep open the named pipes among files that are written as a whole, at the end of the block.

    StartError for one that nobody reads. The only way to find that out is to open it, and its
    reader would take the closing for the end.
    """
    with ExitStack() as stack:
        for output in outputs:
            if output.path and not output.appended:
                _hold(output.key, output.path, stack)
        yield


def _hold(key: str, path: str, stack: ExitStack) -> None:
    try:
        place = locate(path)
        if place.found and place.descriptor is None and stat.S_ISFIFO(place.found.st_mode):
            stack.callback(native.close, open_stream(path))
    except OSError as error:
        raise unwritable(path, error, f"{key}: ") from None
