"""The options that every protocol has, and the function that makes typed options."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Optional, TypeVar

from .. import urls
from ..placeholders import Template
from ..urls import Url
from .endpoint import Endpoint

_BRACES_BEFORE_PATH = re.compile(r"://[^/?#]*[{}]")


@dataclass(frozen=True)
class Options:
    """The part of a job that its Sender needs; a protocol adds fields named after its own keys.

    Times are seconds, sizes are bytes. Defaults are those of the schema.
    """

    job: str = ""
    url: Template = field(default=Template(""), repr=False)
    timeout: float = 600.0  # of a whole transfer
    connect_timeout: float = 10.0  # handshakes and logins included
    connections: int = 1  # most at once
    limit_rate: Optional[int] = None  # most bytes a second of one transfer; None: no limit
    reuse: bool = True  # False: a new connection for each transfer
    addresses: str = "rotate"  # of addresses.CHOICES: which of a name a new connection tries first
    source: tuple[str, ...] = ()  # local addresses, used in turn; none: the system chooses
    connect_to: Optional[Endpoint] = None  # where to connect in place of the URL's host and port
    part: int = 0  # of the job's parts, from 0: each begins with an address of its own
    paced: bool = True  # False: at the rate max, where each sender waits for its transfer

    @property
    def server(self) -> Url:
        """The parts of the URL; raises ValueError, see parse_job_url."""
        return parse_job_url(self.url.text)

    def destination(self, host: str, port: int) -> Endpoint:
        """Return where to connect for this host and port: they themselves, or connect_to.

        It stands in place of the URL's own host and port only: a redirect to others goes there.
        """
        if self.connect_to is not None:
            server = self.server
            if (host, port) == (server.host, server.port):
                return self.connect_to
        return Endpoint(host, port)

    @property
    def way(self) -> str:
        """The hosts between, in words for people; empty where connections lead to the server."""
        return ""

    def conflicts(self) -> Iterable[tuple[str, str]]:
        """Yield (key, reason) for keys that are each right but do not go together."""
        return ()

    def overwrites(self, names_differ: bool = False) -> bool:  # noqa: ARG002 - for protocols
        """Return True if a file that is sent again replaces its earlier copy at the server.

        `names_differ`: no local file is sent again, each has a name of its own.
        """
        return False

    def warnings(self) -> Iterable[str]:
        """Yield warnings that are logged once before the job runs, such as checks that are off."""
        return ()

    def expiries(self, now: int, until: Optional[int]) -> Iterable[str]:  # noqa: ARG002
        """Yield what has expired `now` or will have `until` then, the job's end; None: it has none.

        Both are nanoseconds since 1970. Files that cannot be read are skipped.
        """
        return ()


AnyOptions = TypeVar("AnyOptions", bound=Options)


def make_options(kind: type[AnyOptions], data: Mapping[str, Any], **derived: object) -> AnyOptions:
    """Return typed options from the data that the schema has read; `derived` come on top.

    Keys without a field are the job's own affair, absent ones have the field's default.
    """
    known = {each.name for each in fields(kind)}
    return kind(**{**{key: data[key] for key in known if key in data}, **derived})


def parse_job_url(text: str) -> Url:
    """Parse a job's URL, its placeholders not filled in; raises ValueError with the reason."""
    if _BRACES_BEFORE_PATH.search(text):
        raise ValueError(
            "placeholders may stand only after the host; braces in a password are written as"
            " %7B and %7D"
        )
    return urls.parse(text)
