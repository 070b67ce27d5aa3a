"""A terminal or a pipe that is not read, or that is gone, while fthg writes all that it can."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from tests.servers import need
from tests.servers.readers import Reader, pipe, terminal

from ..case import Case, nothing
from ..world import World
from .undelayed import both_ends, interrupted, waits

_readers: dict[World, Reader] = {}  # of the terminals and pipes that are in use


@contextmanager
def _read_by(world: World, reader: Reader) -> Iterator[None]:
    """Remember the reader for the event; what it has read is kept for the verdict."""
    _readers[world] = reader
    try:
        yield
    finally:
        del _readers[world]
        with world.said.open("ab") as said:
            said.write(reader.said)


@contextmanager
def on_terminal(world: World) -> Iterator[None]:
    """Run fthg on a terminal of its own, at the most detailed level."""
    with terminal() as reader, _read_by(world, reader):
        world.prefix = [need("setsid"), "--ctty"]
        world.streams = dict.fromkeys(("stdin", "stdout", "stderr"), reader.end)
        world.arguments = ["-vvv"]
        yield


@contextmanager
def with_error_pipe(world: World) -> Iterator[None]:
    """Let standard error be a pipe, at the most detailed level."""
    with pipe() as reader, _read_by(world, reader):
        world.streams = {"stderr": reader.end}
        world.arguments = ["-vvv"]
        yield


@contextmanager
def paused(world: World) -> Iterator[None]:
    """Read nothing for a while."""
    _readers[world].pause()
    yield
    _readers[world].go_on()


@contextmanager
def gone(world: World) -> Iterator[None]:
    """Hang up, for good."""
    _readers[world].go_away()
    yield


@contextmanager
def closed_output(world: World) -> Iterator[None]:
    """Start fthg without a standard output."""
    world.prefix = [need("bash"), "-c", 'exec "$@" >&-', "bash"]
    yield


@contextmanager
def full_output(world: World) -> Iterator[None]:
    """Let standard output be on a full disk."""
    world.streams = {"stdout": os.open("/dev/full", os.O_WRONLY)}
    try:
        yield
    finally:
        os.close(world.streams["stdout"])


@contextmanager
def stalled_output(world: World) -> Iterator[None]:
    """Let standard output be a full pipe that nobody reads."""
    with pipe() as reader:
        reader.pause()
        fill(reader.end)
        world.streams = {"stdout": reader.end}
        yield


def fill(pipe_end: int) -> None:
    """Write into a pipe until nothing more fits in."""
    flags = fcntl.fcntl(pipe_end, fcntl.F_GETFL)
    fcntl.fcntl(pipe_end, fcntl.F_SETFL, flags | os.O_NONBLOCK)
    with suppress(BlockingIOError):
        while True:
            os.write(pipe_end, bytes(4096))
    fcntl.fcntl(pipe_end, fcntl.F_SETFL, flags)


_consumers: dict[World, subprocess.Popen[bytes]] = {}


@contextmanager
def results_to_a_pipe(world: World) -> Iterator[None]:
    """Write the results to standard output, from where another program takes them."""
    world.configuration["run"]["results"] = "-"
    with world.results.open("wb") as file:
        consumer = subprocess.Popen([need("cat")], stdin=subprocess.PIPE, stdout=file)
    assert consumer.stdin
    _consumers[world] = consumer
    world.streams = {"stdout": consumer.stdin.fileno()}
    try:
        yield
        consumer.send_signal(signal.SIGCONT)
        consumer.communicate(timeout=10)  # it takes what is left
    finally:
        del _consumers[world]
        consumer.kill()
        consumer.wait(10)


@contextmanager
def consumer_stopped(world: World) -> Iterator[None]:
    """Stop that program, with its pipe full."""
    consumer = _consumers[world]
    consumer.send_signal(signal.SIGSTOP)
    assert consumer.stdin
    try:
        yield
    finally:
        consumer.send_signal(signal.SIGCONT)


CASES: list[Case] = [
    *both_ends("terminal paused at -vvv", paused, stage=on_terminal, seconds=8, fast="waits"),
    *waits("terminal paused at -vvv, two workers", paused, stage=on_terminal, workers=2),
    *both_ends("terminal gone at -vvv", gone, stage=on_terminal, fast="interrupted"),
    *both_ends("standard error unread at -vvv", paused, stage=with_error_pipe),
    *both_ends("standard output closed", nothing, stage=closed_output),
    *both_ends("standard output full", nothing, stage=full_output),
    *interrupted("standard output stalled", nothing, stage=stalled_output),
    *both_ends(
        "reader of results stopped", consumer_stopped, stage=results_to_a_pipe, unwritten=True
    ),
]
