"""Check the outputs of a run before it starts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple, Optional

from ..errors import ConfigError
from .clashes import clashes
from .writable import check_writable


class OutputFile(NamedTuple):
    """A path that is to be written, if it is given, and the key that names it."""

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
