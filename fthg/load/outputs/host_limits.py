"""The limits of this host that transfers met, and their values."""

from __future__ import annotations

import resource
from collections.abc import Iterator, Mapping
from typing import NamedTuple, Optional


class HostLimits(NamedTuple):
    """Limits as they are now; None where there is none, or it is not known."""

    descriptors: Optional[int] = None  # ulimit -n
    ports: Optional[range] = None  # net.ipv4.ip_local_port_range
    processes: Optional[int] = None  # ulimit -u, which counts threads
    tasks: Optional[int] = None  # pids.max of the control group: TasksMax=, a container's limit


UNKNOWN = HostLimits()


def host_limit_findings(errors: Mapping[str, int], limits: HostLimits) -> Iterator[str]:
    """Yield a finding for each kind of HOST_LIMITS among errors (kind to count) of transfers."""
    if count := errors.get("descriptors"):
        yield (
            f"This host ran out of file descriptors for {_transfers(count)}: raise `ulimit -n` "
            f"({_now(limits.descriptors)}systemd: LimitNOFILE=) or lower max_in_flight."
        )
    if count := errors.get("ports"):
        yield (
            f"This host ran out of local ports for {_transfers(count)}: {_range(limits.ports)}a "
            "closed connection holds its port for a minute. Keep connections (reuse: true), lower "
            "the rate, or widen the range."
        )
    if count := errors.get("threads"):
        yield (
            f"This host could not start a thread for {_transfers(count)}: raise `ulimit -u` "
            f"({_now(limits.processes)}systemd: LimitNPROC=) or the limit of the unit or container "
            f"({_now(limits.tasks)}systemd: TasksMax=)."
        )


def current_limits(proc: str = "/proc", groups: str = "/sys/fs/cgroup") -> HostLimits:
    """Read the limits of this process; never raises, whatever is missing."""
    return HostLimits(
        _rlimit(resource.RLIMIT_NOFILE),
        _port_range(f"{proc}/sys/net/ipv4/ip_local_port_range"),
        _rlimit(resource.RLIMIT_NPROC),
        _tasks(f"{proc}/self/cgroup", groups),
    )


def _transfers(count: int) -> str:
    return f"{count:,} transfer{'' if count == 1 else 's'}"


def _now(value: Optional[int]) -> str:
    return "" if value is None else f"now {value:,}; "


def _range(ports: Optional[range]) -> str:
    if ports is None:
        return "net.ipv4.ip_local_port_range limits them, and "
    shown = f"{ports.start} to {ports.stop - 1}"
    return (
        f"net.ipv4.ip_local_port_range is {shown}, {len(ports):,} ports for each address of a "
        "server, and "
    )


def _rlimit(which: int) -> Optional[int]:
    soft, _ = resource.getrlimit(which)
    return None if soft == resource.RLIM_INFINITY else soft


def _port_range(path: str) -> Optional[range]:
    try:
        first, last = map(int, _read(path).split())
    except ValueError:
        return None
    return range(first, last + 1)


def _tasks(cgroups: str, groups: str) -> Optional[int]:
    """Return pids.max of the control group, of version 1 or 2; `max` is none."""
    for line in _read(cgroups).splitlines():
        _, controllers, group = line.split(":", 2)
        most = _read(f"{groups}/{controllers}{group}/pids.max").strip()
        if controllers in ("", "pids") and most.isdecimal():
            return int(most)
    return None


def _read(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError:  # it may be that no descriptor is left
        return ""
