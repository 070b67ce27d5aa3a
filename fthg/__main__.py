"""The program's entry point: parse with the standard library only, patch, then import all else."""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Optional

_INTERRUPTED = 130


def main(argv: Optional[Sequence[str]] = None) -> int:
    """Run fthg and return its exit status."""
    # A log rotation must not end the program while there is nothing to reopen or to show.
    for number in (signal.SIGHUP, signal.SIGUSR1):
        signal.signal(number, signal.SIG_IGN)
    # Until a run takes signals there is nothing to save. An exception could get lost in the
    # loop, or become the error of an import.
    signal.signal(signal.SIGINT, lambda *_: os._exit(_INTERRUPTED))
    from .cli import parse
    from .errors import StartError
    from .standard import open_missing, print_out

    open_missing()
    try:
        args = parse(sys.argv[1:] if argv is None else argv)
    except SystemExit:  # of --help, too, whose reader may be gone
        with suppress(StartError):
            print_out("")
        raise
    # Nothing may import ssl, requests or paramiko before this.
    from .patch import patch

    gc.disable()
    patch()
    from .program import program
    from .writing import leave_hanging_files

    # What imports have made stays: to search it for garbage would hold up starts and transfers.
    gc.freeze()
    gc.enable()
    status = program(args)
    leave_hanging_files()
    return status


if __name__ == "__main__":
    sys.exit(main())
