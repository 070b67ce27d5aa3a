"""Which file systems answer at once is read from the kernel's list of mounts."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from fthg.mounts import Mount, all_local, is_local, parse_mounts
from tests.servers.hung_disk import hung_disk

LINES = """\
22 27 0:21 / /proc rw,relatime - proc proc rw
27 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
30 27 0:40 / /srv/in\\040box rw,relatime shared:7 master:2 - nfs4 server:/x rw,vers=4.2
31 27 0:41 / /srv/more rw - fuse.sshfs user@host: rw
32 27 0:42 / /srv/tmp rw - tmpfs tmpfs rw
"""


def test_a_line_tells_id_place_and_kind() -> None:
    mounts = parse_mounts(LINES.splitlines())
    assert mounts[2] == Mount("30", "/srv/in box", "nfs4")
    assert [mount.local for mount in mounts] == [True, True, False, False, True]


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


def test_a_file_system_of_another_program_is_not_local(tmp_path: Path) -> None:
    with hung_disk(tmp_path) as disk:
        for path, local in (
            (disk.path, False),
            (disk.path.parent, False),
            (Path("/proc/self"), True),
        ):
            descriptor = os.open(path, os.O_PATH)
            assert is_local(descriptor, str(path.resolve())) == local
            os.close(descriptor)


def test_what_is_not_open_is_not_local() -> None:
    assert not is_local(99_999, "/")
