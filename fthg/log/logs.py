"""All outputs of a program: opened, reopened and closed together."""

from __future__ import annotations

import logging

import gevent

from ..clock import SECOND, Clock
from .console import ConsoleOutput
from .events import TRACE, Log
from .file import FileOutput
from .masks import Masks
from .output import Output
from .settings import LogSettings
from .syslog import SyslogOutput

_log = Log(__name__)

_NEVER = logging.CRITICAL + 1


def start(settings: LogSettings, clock: Clock) -> Logs:
    """Open all outputs, after monkey-patching; StartError if the file cannot be opened."""
    return Logs(settings, clock)


class Logs:
    """The outputs while the program runs; `close()` puts the root logger back as it was."""

    def __init__(self, settings: LogSettings, clock: Clock) -> None:
        mask = Masks(settings.secrets)
        self._clock = clock
        self._outputs: list[Output] = []
        if settings.file:  # the one that may raise comes first
            self._outputs.append(FileOutput(settings.file, mask, clock))
        if settings.syslog:
            self._outputs.insert(0, SyslogOutput(settings.syslog, mask, clock))
        if settings.console:
            self._outputs.append(ConsoleOutput(settings.console, mask, clock))
        self._before = _levels(*self._wanted())
        for output in self._outputs:
            logging.getLogger().addHandler(output)
        # Python's own warnings would be printed through the live view.
        logging.captureWarnings(True)
        self._ticker = gevent.spawn(self._tick)

    def reopen(self) -> None:
        """Open the file anew, after logrotate has moved it: for SIGHUP."""
        for output in self._outputs:
            output.reopen()

    def close(self) -> None:
        """Tell what is still folded or queued, within seconds, and what was lost; then stop."""
        self._ticker.kill()
        for output in self._outputs:
            output.close()
            logging.getLogger().removeHandler(output)
            if output.lost:  # the outputs that are still open can tell
                _log.error("log lines were lost", where=output.where, lost=output.lost)
        self._outputs.clear()
        _levels(*self._before)
        logging.captureWarnings(False)

    def _wanted(self) -> tuple[int, int]:
        least = min((output.level for output in self._outputs), default=_NEVER)
        return least, TRACE if least <= TRACE else _NEVER

    def _tick(self) -> None:
        while True:
            self._clock.sleep_until(self._clock.now() + SECOND)
            for output in self._outputs:
                output.tick()


def _levels(ours: int, libraries: int) -> tuple[int, int]:
    """Set which levels are told at all, of fthg and of the libraries it uses; give the former."""
    own, root = logging.getLogger("fthg"), logging.getLogger()
    before = own.level, root.level
    own.setLevel(ours)
    root.setLevel(libraries)
    return before
