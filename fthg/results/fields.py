"""The fields of the lines of a results file."""

from __future__ import annotations

STANDSTILL = "standstill"
"""The field of a line that is no result: beside `run`, it has a mapping of the next fields."""

SECONDS, DROPPED, CAUSE = "seconds", "dropped", "cause"  # and START
SLICES = "slices"  # with several workers: of the one that stood still, job → `K/N`

FIELDS = (
    "run",  # its id
    "job",
    "seq",
    "uuid",
    "file",
    "size",
    "outcome",
    "due",  # this and the next two: Unix seconds with six decimals
    "start",
    "end",
    "code",
    "error",
    "detail",
    "bytes",
    "phases",  # a mapping of names to seconds
    "remote",  # address:port of the server or proxy; null, as are the next two: no connection
    "local_port",
    "reused",  # true: the connection had carried transfers before
)

SLICE = "slice"
"""The field after those of a result that one of several machines sent: `K/N`; of its standstills,
too."""

(
    RUN,
    JOB,
    SEQ,
    UUID,
    FILE,
    SIZE,
    OUTCOME,
    DUE,
    START,
    END,
    CODE,
    ERROR,
    DETAIL,
    BYTES,
    PHASES,
    REMOTE,
    LOCAL_PORT,
    REUSED,
) = FIELDS
