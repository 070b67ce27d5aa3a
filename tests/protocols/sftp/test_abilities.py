from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fthg.protocols.sftp import packets
from fthg.protocols.sftp.abilities import BLOCK, LARGEST, SMALLEST, Abilities
from fthg.protocols.sftp.packets import Limits, Status

SIZES = st.integers(0, 2**64 - 1) | st.integers(0, 2**19)


def block(limits: Limits, handle: bytes = b"hndl") -> int:
    abilities = Abilities({packets.LIMITS: b"1"})
    abilities.learn(limits)
    return abilities.block(handle)


@pytest.mark.parametrize(
    ("limits", "most"),
    [
        (Limits(256 * 1024, 255 * 1024), 255 * 1024),  # OpenSSH
        (Limits(4 << 20, 4 << 20), LARGEST),  # asyncssh
        (Limits(0, 8192), 8192),
        (Limits(34_000, 0), 34_000 - 64 - 4),
        (Limits(0, 0), BLOCK),  # none is fixed: the least is safe
        (Limits(0, 1), SMALLEST),  # a file of 1 MB would be a million requests
        (Limits(100, 0), SMALLEST),
    ],
)
def test_a_write_is_as_large_as_both_limits_allow(limits: Limits, most: int) -> None:
    assert block(limits) == most


def test_a_server_that_tells_nothing_gets_the_least() -> None:
    abilities = Abilities({})
    assert (abilities.tells_limits, abilities.block(b"h")) == (False, BLOCK)


def test_a_server_that_refuses_to_tell_gets_the_least() -> None:
    abilities = Abilities({packets.LIMITS: b"1"})
    abilities.learn(Status(8, "unsupported"))
    assert abilities.block(b"h") == BLOCK


@given(SIZES, SIZES, st.binary(max_size=1024))
def test_no_packet_exceeds_a_limit(packet: int, write: int, handle: bytes) -> None:
    size = block(Limits(packet, write), handle)
    assert SMALLEST <= size <= LARGEST
    assert size == SMALLEST or not write or size <= write
    encoded = b"".join(packets.encode(packets.write(handle, 1 << 40, bytes(size)), 1))
    assert size == SMALLEST or not packet or len(encoded) <= packet
