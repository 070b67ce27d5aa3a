"""The secrets of a whole configuration: a tree or checked data, walked with its schema."""

from __future__ import annotations

import netrc
import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any, NamedTuple

from ..placeholders import Template
from .schema import Schema, keys_by_name
from .secret_names import is_secret_name
from .secret_texts import find_secrets
from .tree import Origin, Section, Text


class Leaf(NamedTuple):
    """One value at the end of a branch."""

    name: str  # of the nearest key above it
    value: Any  # a text or, in checked data, what was made of it
    secret: bool

    def secrets(self) -> Iterator[str]:
        """Yield every text within that no output may show."""
        if hasattr(self.value, "secrets"):
            yield from self.value.secrets
        elif isinstance(self.value, (str, Template)):
            text = self.value if isinstance(self.value, str) else self.value.text
            yield from find_secrets(text, self.name, self.secret)


def leaves(data: Any, schema: Schema, name: str = "", secret: bool = False) -> Iterator[Leaf]:
    """Yield all leaves of a tree or of checked data.

    A key of the schema is secret if it is marked so, any other one by its name.
    """
    if isinstance(data, Section) and data.text:
        yield Leaf(name, Text.at(data.origin, data.text), secret)
    if isinstance(data, (dict, Mapping)):
        known = keys_by_name(schema)
        for word, value in data.items():
            key = known.get(str(word))
            inner = (key.inner if key else None) or {}
            yield from leaves(
                value, inner, str(word), key.secret if key else is_secret_name(str(word))
            )
    elif isinstance(data, (list, tuple)):
        for value in data:
            yield from leaves(value, schema, name, secret)
    else:
        yield Leaf(name, data, secret)


def secrets_in(data: Any, schema: Schema) -> Iterator[str]:
    """Yield every secret text of a tree or of checked data."""
    for leaf in leaves(data, schema):
        yield from leaf.secrets()


def files_exposing_secrets(tree: Section, schema: Schema) -> list[str]:
    """Return the files that spell out a secret and that others than owner and group can read."""
    found = set[str]()
    for leaf in leaves(tree, schema):
        if isinstance(leaf.value, Text):
            found.update(_spelling_out(leaf, leaf.value.origin))
    return sorted(path for path in found if os.stat(path).st_mode & stat.S_IROTH)


def _spelling_out(leaf: Leaf, origin: Origin) -> Iterator[str]:
    """Yield the files that a secret of this leaf stands in."""
    if origin.cells:
        secrets = set(leaf.secrets())
        yield from (cell.table for cell in origin.cells if cell.line and cell.text in secrets)
    elif origin.line and not origin.detail and any(leaf.secrets()):
        yield origin.source


def environment_secrets() -> Iterator[str]:
    """Yield the secrets of the environment that `trust_env` uses: of proxies, and ~/.netrc."""
    for name, value in os.environ.items():
        if name.lower().endswith("_proxy"):
            url = value if "://" in value else f"http://{value}"
            yield from find_secrets(url, name, secret=False)
    with suppress(OSError, netrc.NetrcParseError, UnicodeDecodeError):
        for _, _, password in netrc.netrc(os.environ.get("NETRC")).hosts.values():
            yield password or ""
