"""The plan of a run, made from the configuration: frozen, complete, in plain units."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Optional

from ..access import AT_ONCE, Access
from ..folder import Folder
from ..protocols.options import Options
from ..verdicts.thresholds import Threshold
from .generate import Generate
from .pacing import Pacer, Stages
from .pacing.levels import fewest
from .pacing.maximum import Maximum
from .templates import Templates


@dataclass(frozen=True)
class Source:
    """The files that a job sends, and their order."""

    files: str  # a directory, or one file; nothing where files are generated
    match: Sequence[str] = ("*",)  # patterns for names, of which one must fit
    exclude: Sequence[str] = ()  # and none of these; for directories, too
    min_age: float = 0.0  # seconds that a file must not have changed
    recursive: bool = False
    follow_links: bool = False  # to where they lead out of the directory, and to directories
    order: str = "name"  # name, mtime or random
    seed: Optional[int] = None
    repeat: bool = True  # loop for ever; False: each file once
    generate: Optional[Generate] = None  # files that are made, not read
    templates: Optional[Templates] = field(default=None, compare=False, repr=False)
    """What is known of the files whose placeholders are replaced; None: they are sent as is."""
    folder: Optional[Folder] = field(default=None, compare=False, repr=False)
    """The directory once it is open, from the start of a run; None: `files` is one file."""
    access: Access = field(default=AT_ONCE, compare=False, repr=False)
    """The way to the files, from the start of a run."""

    @property
    def divisible(self) -> bool:
        """True if several workers agree on which file comes next.

        Not if each is sent once, and as soon as it is old enough: that depends on the moment.
        """
        return self.repeat or not self.min_age


@dataclass(frozen=True)
class Limits:
    """Thresholds, and whether a crossed one ends the run."""

    thresholds: tuple[Threshold, ...] = ()
    abort: bool = False
    abort_after: float = 0.0  # seconds since the start before a crossed one may end the run


class Slice(NamedTuple):
    """Part `part` of `of` equal ones: every arrival n with n mod `of` = `part`."""

    part: int  # from 0
    of: int

    def share(self, whole: int) -> int:
        """Return this part of a number."""
        return whole // self.of + (self.part < whole % self.of)


WHOLE = Slice(0, 1)


@dataclass(frozen=True)
class Job:
    """One job: files, target and times; durations in seconds."""

    name: str
    url: str  # for people: without user info
    protocol: str  # of protocols.SENDERS: http, https or sftp
    source: Source
    pacer: Pacer
    open: bool  # True: on time whatever the server does; False: waits for responses
    limit: int  # max_in_flight of the open model, (most) senders of the closed
    limit_named: bool = True  # False: the default of max_in_flight, which divides no job
    connections: Optional[int] = None  # of the whole job; None: not named, and divides no job
    start_after: float = 0.0
    duration: Optional[float] = None  # of dispatching; None: until stopped
    count: Optional[int] = None
    limits: Limits = Limits()
    slice: Slice = WHOLE  # which arrivals are this process's
    options: Options = field(default_factory=Options)  # of its Sender
    senders: Optional[Stages] = None  # of the closed model, if their number changes
    spread_over: Optional[float] = None  # the period that the jobs of one `each` start spread over

    @property
    def known(self) -> bool:
        """False if only its name is known."""
        return bool(self.url)

    @property
    def stages_end(self) -> Optional[int]:
        """When the stages of its rate or of its senders end, in nanoseconds after its start."""
        paced = [self.pacer, *([self.senders] if self.senders else [])]
        return min((one.end for one in paced if one.end is not None), default=None)

    @property
    def _divisible_limit(self) -> int:
        """As many parts as this have a sender each: whenever arrivals are due, if some ever are."""
        if self.senders is None or not any(pacer.has_target for _, pacer in self.pacer.parts):
            return self.limit
        return max(1, fewest(self.senders))

    def parts(self, workers: int) -> int:
        """Return how many of the workers have a part: at most as many as its named limits allow."""
        if not self.source.divisible:
            return 1
        named = [self._divisible_limit] if self.limit_named else []
        return min([workers, *named, *([self.connections] if self.connections else [])])


def unknown(name: str) -> Job:
    """Return a job that is known from results alone, without its configuration."""
    return Job(name, "", "", Source(""), Maximum(""), open=True, limit=0)


@dataclass(frozen=True)
class Plan:
    """One run of several jobs; durations in seconds."""

    run: str  # its id
    jobs: tuple[Job, ...]
    duration: Optional[float] = None  # None: until stopped, or until every job is done
    graceful_stop: float = 30.0
    status_interval: float = 60.0
    workers: int = 1  # processes that share the load
    outputs: Mapping[str, str] = field(default_factory=dict)  # values of the keys of outputs
    slice: Slice = WHOLE  # which arrivals are this process's
    limits: Limits = Limits()  # on the total
    secrets: Collection[str] = field(default=(), repr=False)  # what no output may show
