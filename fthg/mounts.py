"""Distinguishes local file systems, which answer at once, from those that may hang.

A file system of this host answers as fast as its disk; one of a server, or of another program
(FUSE), may never answer. Nothing here touches the file system itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

_LOCAL = re.compile(
    "ext[234]|xfs|btrfs|zfs|bcachefs|f2fs|jfs|reiserfs|nilfs2|tmpfs|devtmpfs|ramfs|rootfs|overlay|aufs"
    "|vfat|exfat|msdos|ntfs3|iso9660|udf|squashfs|erofs|hugetlbfs|proc|sysfs"
)
_KERNEL = ("/proc/", "/sys/", "/dev/")
_ESCAPED = re.compile(r"\\([0-7]{3})")


class Mount(NamedTuple):
    """A line of /proc/self/mountinfo."""

    ident: str
    point: str
    kind: str

    @property
    def local(self) -> bool:
        """True if it answers as fast as a disk of this host."""
        return bool(_LOCAL.fullmatch(self.kind))


def parse_mounts(lines: Iterable[str]) -> list[Mount]:
    """Return the mounts of the lines of a mountinfo file (proc(5))."""
    return [_parse(line) for line in lines if " - " in line]


def _parse(line: str) -> Mount:
    before, _, after = line.partition(" - ")
    fields = before.split(" ")
    point = _ESCAPED.sub(lambda escaped: chr(int(escaped[1], 8)), fields[4])
    return Mount(fields[0], point, after.split(" ")[0])


def all_local(mounts: Iterable[Mount], ident: str, path: str, everywhere: bool) -> bool:
    """Return True if the mount `ident` is local, and all those below `path`, or `everywhere`.

    Those of the kernel itself do not count: what they hold is not sent.
    """
    below = path.rstrip("/") + "/"
    concerned = [
        mount
        for mount in mounts
        if mount.ident == ident
        or mount.point.startswith(below)
        or (everywhere and not mount.point.startswith(_KERNEL))
    ]
    known = any(mount.ident == ident for mount in concerned)
    return known and all(mount.local for mount in concerned)


def mounted() -> list[Mount]:
    """Return what is mounted now; raises OSError."""
    with open("/proc/self/mountinfo", errors="surrogateescape") as lines:
        return parse_mounts(lines)


def is_local(descriptor: int, path: str, *, everywhere: bool = False) -> bool:
    """Return True if a file or directory is on a local file system, and so is all below it.

    It is open as `descriptor`; `path` is free of links. `everywhere`: links in it may lead to any
    file system that is mounted.
    """
    try:
        with open(f"/proc/self/fdinfo/{descriptor}") as lines:
            ident = next(line.split()[1] for line in lines if line.startswith("mnt_id:"))
        mounts = mounted()
    except (OSError, StopIteration):
        return False
    return all_local(mounts, ident, path, everywhere)
