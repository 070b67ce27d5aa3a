"""The keys of `run:` and of every job: the schema, which is also their reference."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any

import voluptuous as vol

from ..config import values
from ..config.schema import key, required
from ..protocols import SENDERS
from ..protocols.addresses import CHOICES
from ..protocols.endpoint import endpoint, local_addresses
from ..verdicts import thresholds
from ..zones import LOCAL
from .files.generate import FILES
from .outputs import OUTPUT_KEYS
from .pacing import pacer, senders
from .stats.metrics import VOCABULARY
from .url import job_url


def _threshold(value: Any) -> Any:
    try:
        return thresholds.parse(values.text(value), VOCABULARY)
    except ValueError as error:
        raise vol.Invalid(str(error)) from None


_LIMITS = vol.Schema(
    {
        vol.Required("limits"): values.list_of(_threshold),
        vol.Optional("abort", default="false"): values.boolean,
        vol.Optional("abort_after", default="0s"): values.duration,
    }
)


def _limits(value: Any) -> Any:
    """Read a list of thresholds, or a mapping of `limits`, `abort` and `abort_after`."""
    return _LIMITS(value if isinstance(value, dict) else {"limits": value})


def _workers(value: Any) -> int:
    """Read a number of processes; `auto` is one for each CPU that this one may use."""
    if values.text(value).strip() == "auto":
        return len(os.sched_getaffinity(0))
    return int(values.whole(1, 256)(value))


RUN_KEYS: Mapping[Any, Any] = MappingProxyType(
    {
        key("duration", "how long to send; without it until stopped, or until every job is done"): (
            values.some_duration
        ),
        key("graceful_stop", "how long transfers in flight may finish after a stop", "30s"): (
            values.duration
        ),
        key(
            "status_interval",
            "time between status lines without a terminal, and health lines",
            "60s",
        ): (values.some_duration),
        **OUTPUT_KEYS,
        key("thresholds", "limits for the total, as in failed < 1%"): _limits,
        key("baseline", "the summary of an earlier run, to compare with"): values.input_path,
        key("zone", "zone of times for people: a name, local (the host's) or UTC", LOCAL): (
            values.zone
        ),
        key("workers", "processes that share the load; auto: one for each CPU", "1"): _workers,
    }
)

JOB_KEYS: Mapping[Any, Any] = MappingProxyType(
    {
        required("url", "where to: http, https or sftp; takes placeholders"): job_url,
        required(
            "files",
            "a directory, or one file; or {generate: {size, name, content, seed}}: files that are "
            "made for each transfer",
        ): FILES,
        key("match", "which files: a pattern for names, or a list of them", "*"): (
            values.some_patterns
        ),
        key("exclude", "which files not, and which directories: a pattern, or a list of them"): (
            values.patterns
        ),
        key("min_age", "how long a file must not have changed before it is sent", "0s"): (
            values.duration
        ),
        key(
            "template", "replace placeholders inside the files, which are UTF-8 text", "false"
        ): values.boolean,
        key("recursive", "also the directories within", "false"): values.boolean,
        key(
            "follow_links",
            "also symbolic links that lead out of the directory or to directories; "
            "else only those to files within",
            "false",
        ): values.boolean,
        key("order", "name, mtime or random", "name"): values.one_of("name", "mtime", "random"),
        key("seed", "makes a random order, or random arrivals, the same each time"): values.whole(),
        key("repeat", "loop: start again after the last file; once: end there", "loop"): (
            values.one_of("loop", "once")
        ),
        required("rate", "5/s, 120/hour, 10/30s, 1 every 30s, or max in the closed model"): pacer,
        key(
            "arrivals",
            "even, or poisson: random independent arrivals of the same mean rate",
            "even",
        ): values.one_of("even", "poisson"),
        key(
            "model", "open: on time whatever the server does; closed: wait for responses", "open"
        ): (values.one_of("open", "closed")),
        key("max_in_flight", "open model: most transfers at once, 256 for HTTP, 64 for SFTP"): (
            values.whole(1)
        ),
        key("senders", "closed model: how many send at once, or stages of that", "1"): senders,
        key("start_after", "wait before the first file", "0s"): values.duration,
        key("duration", "how long to send"): values.some_duration,
        key("count", "how many files to send"): values.whole(1),
        key("timeout", "deadline of a whole transfer", "10m"): values.some_duration,
        key("connect_timeout", "deadline of connecting, handshakes included", "10s"): (
            values.some_duration
        ),
        key("connections", "most connections: HTTP as many as transfers, SFTP 1 a worker"): (
            values.whole(1)
        ),
        key("limit_rate", "most bytes a second of one transfer"): values.byte_rate,
        key("reuse", "keep connections; false: a new one for each file", "true"): values.boolean,
        key(
            "addresses",
            "which address of the server's name a new connection tries first: rotate (each in "
            "turn), first or random",
            "rotate",
        ): values.one_of(*CHOICES),
        key("source", "local addresses, which new connections use in turn"): local_addresses,
        key("connect_to", "host:port to connect to; the URL's name stays in all checks"): endpoint,
        key("thresholds", "limits for this job, as in response_time p95 < 2s"): _limits,
        key(
            "each",
            "a job for each row of this table: a CSV file with a header line, or a list of "
            "mappings; ${x} is the row's column x",
        ): values.input_path,
        key(
            "spread", "jobs of one each that have the same period start spread over it", "true"
        ): values.boolean,
        key("enabled", "false: leave this job out", "true"): values.boolean,
    }
)


@lru_cache(maxsize=16)
def job_keys(protocol: str) -> Mapping[Any, Any]:
    """Return all keys of a job of one protocol; those of all protocols if there is no such one."""
    if protocol in SENDERS:
        return MappingProxyType({**JOB_KEYS, **SENDERS[protocol].keys})
    return MappingProxyType(
        {key: reader for name in SENDERS for key, reader in job_keys(name).items()}
    )
