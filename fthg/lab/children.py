"""The demonstration's child processes: fthg at the terminal, and the lab behind it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence

_SIGNALS = {signal.SIGINT, signal.SIGTERM, signal.SIGCHLD}
_FROM_KERNEL = 0x80  # si_code of a signal that the terminal sent, so to all in the foreground
_PATIENCE = 60  # seconds for the lab to open
_LAST_WORDS = "The lab is closed."


def catch_signals() -> None:
    """Let SIGTERM unwind the demonstration as Ctrl-C does."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)


class Child:
    """A program in the foreground, that is told once of each signal meant for it."""

    def __init__(self, command: Sequence[str]) -> None:
        self.interrupted = False
        self._process = subprocess.Popen(command)  # noqa: S603 - our own

    def wait(self) -> int:
        """Its exit status; SIGINT and SIGTERM go to it meanwhile, and do not stop us."""
        before = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
        try:
            while self._process.poll() is None:
                # Not for ever: the child may have ended before its signal was blocked.
                if got := signal.sigtimedwait(_SIGNALS, 0.5):
                    self._pass_on(got)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        return self._process.wait()

    def _pass_on(self, got: signal.struct_siginfo) -> None:
        if got.si_signo == signal.SIGCHLD:
            return
        self.interrupted = True
        if got.si_code != _FROM_KERNEL:  # else it has it already
            self._process.send_signal(got.si_signo)


class LabChild:
    """`python -m fthg.lab` in a session of its own, where no Ctrl-C reaches it."""

    def __init__(self, directory: str, log: str, options: Sequence[str]) -> None:
        self.directory = directory
        self.addresses: dict[str, str] = {}
        """http, https, sftp, and with databases ingress and egress → URL"""
        self._log = log
        with open(log, "wb") as output:
            self._process = subprocess.Popen(  # noqa: S603 - our own
                [
                    sys.executable,
                    "-m",
                    "fthg.lab",
                    "--until-eof",
                    "--directory",
                    directory,
                    *options,
                ],
                stdin=subprocess.PIPE,  # ends with us, however we end: then it closes
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def await_open(self) -> None:
        """Return once all its addresses are known; OSError if it does not open."""
        announced = os.path.join(self.directory, "lab.json")
        deadline = time.monotonic() + _PATIENCE
        while not os.path.exists(announced):
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise OSError(f"the lab did not open: {self._said().strip() or self._log}")
            time.sleep(0.05)
        with open(announced, encoding="utf-8") as file:
            self.addresses = json.load(file)

    def close(self) -> None:
        """Have it close; by force where it does not."""
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(20)
            except subprocess.TimeoutExpired:
                self._process.kill()
        self._process.wait()
        if self._process.stdin:
            self._process.stdin.close()

    def farewell(self) -> str:
        """Its closing words."""
        said = self._said()
        return said[said.index(_LAST_WORDS) :].rstrip() if _LAST_WORDS in said else said.rstrip()

    def _said(self) -> str:
        with open(self._log, encoding="utf-8", errors="replace") as lines:
            return lines.read()
