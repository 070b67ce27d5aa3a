"""The state of a run for systemd, which `systemctl status` shows: the protocol of sd_notify(3)."""

from __future__ import annotations

import os
import socket
from contextlib import suppress
from typing import Optional

from ...text import cut, escape
from ..plan import Plan
from ..stats.snapshot import RunSnapshot
from .job_text import show_rate
from .live_notes import open_outages
from .output import Output, Surroundings
from .pace import Paces

_PERIOD = 5.0  # seconds from one status to the next
_LONGEST = 300  # characters of a status: names of jobs may be long


class ServiceStatus(Output):
    """Sends datagrams to the socket of a service's supervisor; one that is not taken is lost."""

    interval = _PERIOD

    def __init__(self, address: str) -> None:
        # As in sd_notify(3): @ stands for the zero byte of an abstract socket.
        self._address = f"\0{address[1:]}" if address.startswith("@") else address
        self._paces = Paces()

    @classmethod
    def make(cls, plan: Plan, around: Surroundings) -> Optional[ServiceStatus]:  # noqa: ARG003
        """Return one if a supervisor has named a socket for it in the environment."""
        address = os.environ.get("NOTIFY_SOCKET", "")
        return cls(address) if address.startswith(("/", "@")) else None

    def start(self, plan: Plan) -> None:
        """Report that the run is ready: it starts at once, or at its start moment."""
        self._send("READY=1", f"STATUS=run {plan.run} is ready")

    def tick(self, snapshot: RunSnapshot) -> None:
        """Report the rate and the outcomes so far."""
        rate = sum(map(self._paces.rate, snapshot.jobs))
        self._send(f"STATUS={status(snapshot, rate)}")

    def end(self, snapshot: RunSnapshot) -> None:
        """Report that the run is over, and its outcomes."""
        self._send("STOPPING=1", f"STATUS={status(snapshot, None)}")

    def _send(self, *lines: str) -> None:
        """Send lines as one datagram, without waiting; the run goes on without it."""
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sending:
            sending.setblocking(False)
            sending.sendto("\n".join(lines).encode(errors="replace"), self._address)


def status(snapshot: RunSnapshot, rate: Optional[float]) -> str:
    """Format a run in one line: `jobs running: 2 of 3, 45/s, 1,234 ok, …, outage: orders`.

    `rate` None: the run is over, and the line begins with the reason, which results files lack.
    """
    jobs, outcomes = snapshot.jobs, snapshot.merged.outcomes
    if rate is None:
        parts = [f"ended: {snapshot.reason}" if snapshot.reason else "ended"]
    else:
        running = sum(job.state == "running" for job in jobs)
        parts = [f"jobs running: {running} of {len(jobs)}, {show_rate(rate)}"]
    parts += [f"{outcomes[name]:,} {name}" for name in ("ok", "failed", "dropped")]
    if rate is not None:
        parts.append(f"{sum(job.in_flight for job in jobs)} in flight")
    outages = snapshot.outages.listed if rate is None else open_outages(snapshot)
    down = dict.fromkeys(one.job for one in outages if one.end is None)
    if down:
        parts.append(f"outage: {' '.join(down)}")
    return cut(escape(", ".join(parts)), _LONGEST)
