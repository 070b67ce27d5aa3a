"""Checked configuration → Plan, and the Senders that carry it out."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from typing import Any, Union

from ..clock import SECOND, Clock
from ..errors import ConfigError, StartError
from ..protocols import SENDERS
from ..protocols.base import Sender
from ..protocols.options import make_options
from ..urls import scheme_of
from ..writing import Stamp, is_standard_output
from .baseline import read_baseline
from .dividing import default_connections
from .files.generate import Generate, derived_seed
from .files.source import Source
from .files.templates import Templates
from .outputs import OUTPUT_KEYS
from .pacing import Continuous, Pacer, Poisson, Stages, most_senders
from .plan import Job, Limits, Plan
from .spread import SPREAD_OVER
from .url import shown_url


def job_errors(data: Mapping[str, Any], given: Collection[str]) -> Iterator[tuple[str, str]]:
    """Yield (key, reason) for keys of a job that are each right but do not go together.

    Of those that have no effect in its model only the ones `given` in the job itself count.
    """
    yield from _keys_of_the_other_model(data, given)
    has_target = data["rate"].has_target
    if data["model"] == "open" and not has_target:
        yield "rate", "max needs model: closed; the open model needs a rate such as 5/s"
    if data["arrivals"] == "poisson" and not (has_target and isinstance(data["rate"], Continuous)):
        yield "arrivals", f"poisson needs a mean rate, and {data['rate'].text!r} has none"
    limits = _limits(data)
    if data["model"] == "closed" and limits.judge("missing"):
        yield "thresholds", "missing is known of the open model only"
    if not has_target and any(
        one.whole and one.figure == "achieved_rate" for one in limits.thresholds
    ):
        yield "thresholds", "at the rate max there is no target that achieved_rate is a share of"
    options = make_options(SENDERS[scheme_of(data["url"].text)].options_type, data)
    yield from options.conflicts()
    if isinstance(data["files"], Generate):
        yield from _keys_of_directories(data)


def _keys_of_the_other_model(
    data: Mapping[str, Any], given: Collection[str]
) -> Iterator[tuple[str, str]]:
    several = data["senders"] != 1  # as a configuration is shown, which has the defaults, too
    if (
        data["model"] == "open"
        and several
        and ("senders" in given or isinstance(data["senders"], Stages))
    ):
        reason = "it has no effect in the open model, in which no arrival waits for a sender"
        yield "senders", f"{reason}; leave it out, or write model: closed"
    if data["model"] == "closed" and "max_in_flight" in given:
        reason = "it has no effect in the closed model, in which each sender has one transfer"
        yield "max_in_flight", f"{reason}; leave it out, or write model: open"


def _keys_of_directories(data: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the keys that do nothing where files are generated."""
    plain = {"match": ("*",), "exclude": (), "min_age": 0, "order": "name", "repeat": "loop"}
    plain.update(dict.fromkeys(("recursive", "follow_links", "template"), False))
    for key, default in plain.items():
        if data.get(key, default) != default:
            reason = "files are generated: there is no directory that they come from"
            if key == "template":
                reason = "files are generated: there is no text that could hold placeholders"
            yield key, f"{reason}; leave it out"


def make_plan(run: Mapping[str, Any], jobs: Mapping[str, Mapping[str, Any]], stamp: Stamp) -> Plan:
    """Make the plan of a run from data that RUN_KEYS and `job_keys` have read; see ConfigError."""
    _refuse_missing(run, jobs)
    _refuse_without_baseline(run, jobs)
    results = run.get("results")
    if run["workers"] > 1 and results and is_standard_output(results):
        raise ConfigError("run.results: several workers need a file, not standard output")
    return Plan(
        run=stamp.run,
        jobs=tuple(_job(name, data, stamp.run) for name, data in jobs.items()),
        duration=run.get("duration"),
        graceful_stop=run["graceful_stop"],
        status_interval=run["status_interval"],
        workers=run["workers"],
        outputs={str(key): stamp.fill(run[key]) for key in OUTPUT_KEYS if run.get(key)},
        limits=_limits(run),
        zone=run["zone"],
        baseline_file=run.get("baseline"),
    )


def with_baseline(plan: Plan) -> Plan:
    """Return the plan with the content of its baseline, if it has one; see StartError."""
    if plan.baseline_file is None:
        return plan
    judged = {"": plan.limits.thresholds, **{job.name: job.limits.thresholds for job in plan.jobs}}
    return replace(plan, baseline=read_baseline(plan.baseline_file, judged))


def _refuse_without_baseline(run: Mapping[str, Any], jobs: Mapping[str, Mapping[str, Any]]) -> None:
    if run.get("baseline"):
        return
    sections = {"run": run, **{f"jobs.{name}": data for name, data in jobs.items()}}
    errors = [
        f"{section}.thresholds: {threshold.text!r} needs run.baseline or --baseline, "
        "the --summary of an earlier run"
        for section, data in sections.items()
        for threshold in _limits(data).thresholds
        if threshold.of_baseline
    ]
    if errors:
        raise ConfigError(*errors)


def _refuse_missing(run: Mapping[str, Any], jobs: Mapping[str, Mapping[str, Any]]) -> None:
    closed = all(job["model"] == "closed" for job in jobs.values())
    if jobs and closed and _limits(run).judge("missing"):
        raise ConfigError("run.thresholds: missing is known of the open model only")


def _job(name: str, data: Mapping[str, Any], run: str) -> Job:
    protocol = scheme_of(data["url"].text)
    is_open = data["model"] == "open"
    most = data.get("max_in_flight", SENDERS[protocol].max_in_flight)
    senders: Union[int, Stages] = data["senders"]
    limit: int = most if is_open else most_senders(senders)
    return Job(
        name=name,
        url=shown_url(data["url"].text),
        protocol=protocol,
        source=_source(data, run, name),
        pacer=_pacer(name, data, run),
        open=is_open,
        limit=limit,
        senders=senders if isinstance(senders, Stages) and not is_open else None,
        limit_named=not is_open or "max_in_flight" in data,
        connections=data.get("connections"),
        start_after=data["start_after"],
        spread_over=data.get(SPREAD_OVER),
        duration=data.get("duration"),
        count=data.get("count"),
        limits=_limits(data),
        options=make_options(
            SENDERS[protocol].options_type,
            data,
            job=name,
            connections=data.get("connections") or default_connections(protocol, limit),
            paced=data["rate"].has_target,
        ),
    )


def _pacer(name: str, data: Mapping[str, Any], run: str) -> Pacer:
    rate: Pacer = data["rate"]
    return rate if data["arrivals"] == "even" else Poisson(rate, name, run, data.get("seed"))


def _source(data: Mapping[str, Any], run: str, name: str) -> Source:
    # All workers and slices have the same seed.
    seed = data["seed"] if "seed" in data else derived_seed(run, name)
    files = data["files"]
    if isinstance(files, Generate):
        return Source("", generate=files if files.seed is not None else replace(files, seed=seed))
    return Source(
        files=files,
        match=data["match"],
        exclude=data.get("exclude", ()),
        min_age=data["min_age"],
        recursive=data["recursive"],
        follow_links=data["follow_links"],
        order=data["order"],
        seed=seed,
        repeat=data["repeat"] == "loop",
        templates=Templates() if data["template"] else None,
    )


def _limits(data: Mapping[str, Any]) -> Limits:
    given = data.get("thresholds")
    if not given:
        return Limits()
    return Limits(tuple(given["limits"]), given["abort"], given["abort_after"])


def anchored(plan: Plan, utc: int) -> Plan:
    """Return the plan of a run that starts at this moment, in nanoseconds since 1970.

    All workers must have it from one process: their pacers are then the same to the nanosecond.
    """
    jobs = [
        replace(job, pacer=job.pacer.at(utc + round(job.start_after * SECOND))) for job in plan.jobs
    ]
    return replace(plan, jobs=tuple(jobs))


def make_senders(plan: Plan, clock: Clock) -> dict[str, Sender]:
    """Make one Sender a job, by its name; StartError names each job and what is unusable."""
    senders: dict[str, Sender] = {}
    errors: list[str] = []
    for job in plan.jobs:
        try:
            senders[job.name] = _sender(job, clock)
        except StartError as error:
            errors.append(str(error))
    if errors:
        raise StartError(*errors)
    return senders


def _sender(job: Job, clock: Clock) -> Sender:
    try:
        return SENDERS[job.protocol](job.options, clock)
    except StartError as error:
        raise StartError(f"jobs.{job.name}: {error}") from None
