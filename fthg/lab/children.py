"""The demonstration's child processes: fthg in the foreground, and the lab."""

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
_FREE_PORTS = ("--http-port=0", "--https-port=0", "--sftp-port=0")
_OPEN_TIMEOUT = 60  # seconds
_CLOSE_TIMEOUT = 20
_CLOSING_LINE = "The lab is closed."


def catch_signals() -> None:
    """Let SIGTERM end the demonstration as Ctrl-C does."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)


class Child:
    """A program in the foreground that receives each signal once."""

    def __init__(self, command: Sequence[str]) -> None:
        self.interrupted = False
        self._process = subprocess.Popen(command)  # noqa: S603 - our own

    def wait(self) -> int:
        """Return its exit status; meanwhile SIGINT and SIGTERM go to it and do not stop us."""
        before = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
        try:
            while self._process.poll() is None:
                # With a timeout: the child may have ended before its signal was blocked.
                if got := signal.sigtimedwait(_SIGNALS, 0.5):
                    self._forward(got)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        return self._process.wait()

    def _forward(self, got: signal.struct_siginfo) -> None:
        if got.si_signo == signal.SIGCHLD:
            return
        self.interrupted = True
        if got.si_code != _FROM_KERNEL:  # else the child has received it already
            self._process.send_signal(got.si_signo)


class LabChild:
    """`python -m fthg.lab` in its own session, where Ctrl-C does not reach it."""

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
                    *_FREE_PORTS,
                    *options,
                ],
                stdin=subprocess.PIPE,  # its end closes the lab, however we end
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def await_open(self) -> None:
        """Return once all addresses are known; OSError if the lab does not open."""
        announced = os.path.join(self.directory, "lab.json")
        deadline = time.monotonic() + _OPEN_TIMEOUT
        while not os.path.exists(announced):
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise OSError(f"the lab did not open: {self._output().strip() or self._log}")
            time.sleep(0.05)
        with open(announced, encoding="utf-8") as file:
            self.addresses = json.load(file)

    def close(self) -> None:
        """Close the lab; kill it if it does not end in time."""
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(_CLOSE_TIMEOUT)
            except subprocess.TimeoutExpired:
                self._process.kill()
        self._process.wait()
        if self._process.stdin:
            self._process.stdin.close()

    def closing_message(self) -> str:
        """Return its last message, or its whole output if there is none."""
        output = self._output()
        return output[max(0, output.find(_CLOSING_LINE)) :].rstrip()

    def _output(self) -> str:
        with open(self._log, encoding="utf-8", errors="replace") as lines:
            return lines.read()
