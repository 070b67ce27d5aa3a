"""File systems that answer at once are found in the kernel's list of mounts."""

from __future__ import annotations

import os

import pytest

from fthg.mounts import Mount, all_local, is_local, parse_mounts

LINES = """\
22 27 0:21 / /proc rw,relatime - proc proc rw
27 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
30 27 0:40 / /srv/in\\040box rw,relatime shared:7 master:2 - nfs4 server:/x rw,vers=4.2
31 27 0:41 / /srv/more rw - fuse.sshfs user@host: rw
32 27 0:42 / /srv/tmp rw - tmpfs tmpfs rw
33 22 0:43 / /proc/sys/fs/binfmt_misc rw - autofs systemd-1 rw
"""
LOCAL_ONLY = [line for line in LINES.splitlines() if "nfs4" not in line and "sshfs" not in line]


def test_a_line_tells_id_place_and_kind() -> None:
    mounts = parse_mounts(LINES.splitlines())
    assert mounts[2] == Mount("30", "/srv/in box", "nfs4")
    assert [mount.local for mount in mounts] == [True, True, False, False, True, False]


@pytest.mark.parametrize(
    ("ident", "path", "everywhere", "local"),
    [
        ("27", "/var/files", False, True),
        ("27", "/srv", False, False),  # servers are below it
        ("27", "/srv/mor", False, True),
        ("32", "/srv/tmp", False, True),
        ("32", "/srv/tmp", True, False),
        ("30", "/srv/in box", False, False),
        ("27", "/", False, False),
        ("99", "/var/files", False, False),  # unknown
    ],
)
def test_all_must_be_local_that_a_path_leads_to(
    ident: str, path: str, everywhere: bool, local: bool
) -> None:
    mounts = parse_mounts(LINES.splitlines())
    assert all_local(mounts, ident, path, everywhere) == local


def test_links_may_lead_anywhere_but_to_what_the_kernel_itself_shows() -> None:
    assert all_local(parse_mounts(LOCAL_ONLY), "32", "/srv/tmp", everywhere=True)


def test_what_the_kernel_is_asked_for_by_itself_is_local() -> None:
    descriptor = os.open("/proc/self", os.O_PATH)
    assert is_local(descriptor, "/proc/self")
    os.close(descriptor)


def test_what_is_not_open_is_not_local() -> None:
    assert not is_local(99_999, "/")
