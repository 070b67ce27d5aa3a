"""fthg with parts that hold up its loop, or its end, in a process of its own: `run(…)`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from .program import ENVIRONMENT

PARTS = """
from gevent import monkey
monkey.patch_all()
import _thread, os, resource, sys
import gevent
from gevent.event import Event

from fthg import protocols
from fthg.load import outputs
from fthg.protocols.http import HttpSender


def freeze(how):
    open("frozen", "w").close()
    if how == "loop":
        while True:
            pass
    os.read(os.pipe()[0], 1)


class Sender(HttpSender):
    '''Sends twenty files; then a few wait for ever, and one holds up the loop.'''

    def send(self, transfer):
        if transfer.seq >= 30:
            freeze(sys.argv[2])
        if transfer.seq >= 20:
            Event().wait()
        return super().send(transfer)


class Part(outputs.Output):
    @classmethod
    def make(cls, plan, around):
        if place == "start":
            freeze("read")
        return cls()

    def end(self, snapshot):
        open("ending", "w").close()
        if place == "end":
            freeze("read")
        if place == "slow end":
            gevent.sleep(2)


place = sys.argv[1]
if place == "sender":
    protocols.SENDERS["http"] = Sender
if place == "threads":
    resource.setrlimit(resource.RLIMIT_AS, (1 << 40, 1 << 40))
    _thread.stack_size(1 << 41)
if place in ("track", "parent"):
    parent = os.getpid()

    def freeze_when_asked():
        while not os.path.exists("freeze"):
            gevent.sleep(0.02)
            if os.getpid() != parent:
                return  # a worker
        freeze(sys.argv[2])

    gevent.spawn(freeze_when_asked)
outputs.OUTPUTS["part"] = Part  # the last one

from fthg.__main__ import main

sys.exit(main(sys.argv[3:]))
"""


def start(place: str, how: str, *words: str, cwd: Path) -> subprocess.Popen[str]:
    """Begin to run it.

    The loop freezes at a `place`, `how`: `loop` in Python, or `read` in a call of the system. That
    of "track" and of the "parent" of workers does once there is a file `freeze`.
    """
    return subprocess.Popen(
        [sys.executable, "-c", PARTS, place, how, *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=cwd,
        env={**ENVIRONMENT, "COLUMNS": "80"},
    )
