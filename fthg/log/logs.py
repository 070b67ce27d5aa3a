"""All log outputs of the program: opened, reopened and closed together."""

from __future__ import annotations

import logging

import gevent

from .. import native
from ..clock import SECOND, Clock
from .console import ConsoleOutput
from .events import TRACE, Log
from .file import FileOutput
from .masks import Masks
from .output import LogOutput
from .outputs import Outputs
from .settings import LogSettings
from .syslog import SyslogOutput

_log = Log(__name__)

_NEVER = logging.CRITICAL + 1


def start(settings: LogSettings, clock: Clock) -> Logs:
    """Open all outputs; raise StartError if the file cannot be opened. Call it after patching."""
    return Logs(settings, clock)


class Logs:
    """The log outputs of the running program; `close` restores the root logger."""

    def __init__(self, settings: LogSettings, clock: Clock) -> None:
        self._clock = clock
        outputs: list[LogOutput] = []
        if settings.file:  # the one that may raise comes first
            outputs.append(FileOutput(settings.file, clock))
        if settings.syslog:
            outputs.insert(0, SyslogOutput(settings.syslog, clock))
        if settings.console:
            outputs.append(ConsoleOutput(settings.console, clock))
        for output in outputs:
            output.run = settings.run
        self._handler = Outputs(outputs, Masks(settings.secrets), settings.run)
        self._previous = _set_levels(*self._wanted())
        logging.getLogger().addHandler(self._handler)
        # Python's own warnings would be printed through the live view.
        logging.captureWarnings(True)
        self._thread = native.get_ident()
        self._ticker = gevent.spawn(self._tick)

    def reopen(self) -> None:
        """Open the file again after logrotate has moved it: for SIGHUP."""
        for output in self._handler.open:
            output.reopen()

    def release(self) -> None:
        """Write how often each repeated warning was held back so far: nothing is to follow."""
        for output in self._handler.open:
            output.release()

    def hurry(self, seconds: float) -> None:
        """Let no output wait longer than that for what hangs, when it is closed."""
        for output in self._handler.open:
            output.patience = min(output.patience, seconds)

    def close(self) -> None:
        """Write the lines that wait, within seconds, report lost ones, and close all outputs.

        Any thread may call it; only in the hub's own are lines still sent to syslog.
        """
        if native.get_ident() == self._thread:
            self._ticker.kill()
        for output in self._handler.open:
            output.close()
            self._handler.open = [other for other in self._handler.open if other is not output]
            if output.lost:  # on the outputs that are still open
                _log.error("log lines were lost", where=output.where, lost=output.lost)
        logging.getLogger().removeHandler(self._handler)
        _set_levels(*self._previous)
        logging.captureWarnings(False)

    def _wanted(self) -> tuple[int, int]:
        least = min((output.level for output in self._handler.open), default=_NEVER)
        return least, TRACE if least <= TRACE else _NEVER

    def _tick(self) -> None:
        while True:
            self._clock.sleep_until(self._clock.now() + SECOND)
            for output in self._handler.open:
                output.tick()


def _set_levels(ours: int, libraries: int) -> tuple[int, int]:
    """Set the levels of the loggers of fthg and of its libraries; return the previous ones."""
    own, root = logging.getLogger("fthg"), logging.getLogger()
    previous = own.level, root.level
    own.setLevel(ours)
    root.setLevel(libraries)
    return previous
