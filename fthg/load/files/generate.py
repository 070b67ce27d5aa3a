"""Files that a job generates: `files: {generate: {size: …, seed: …}}`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256, sha512
from typing import Any, Optional

import voluptuous as vol

from ... import units
from ...config import values
from ...config.schema import Nested, key, required
from ...placeholders import BEFORE_FILE, UNIQUE, Template
from ...transfer import Transfer
from .generated import Generated


@dataclass(frozen=True)
class Generate:
    """The settings of generated files: each depends on `seed` and the arrival's number alone."""

    least: int  # bytes
    most: int
    name: Template
    text: bool = False  # lines of text; False: random bytes
    seed: Optional[int] = None  # None: not given, and not drawn yet

    def transfer(self, job: str, seq: int, uuid: str, utc: int) -> Transfer:
        """Return the transfer of an arrival, with its content."""
        drawn = sha512(b"fthg %d %d" % (self.seed or 0, seq)).digest()
        sizes = self.most - self.least + 1
        size = self.least + (sizes * int.from_bytes(drawn[32:40], "big") >> 64)
        content = Generated(size, drawn[:32], text=self.text)
        unnamed = Transfer(job, seq, uuid, "", "", size, utc, content=content)
        name = self.name.render(unnamed)
        return unnamed._replace(path=name, name=name)

    @property
    def mean(self) -> int:
        """Bytes of a file, on average."""
        return (self.least + self.most) // 2

    @property
    def names_differ(self) -> bool:
        """True if no two files have the same name."""
        return bool(self.name.names & UNIQUE)

    def __str__(self) -> str:
        sizes = units.show_size(self.least)
        if self.most > self.least:
            sizes += f" to {units.show_size(self.most)}"
        return f"generated, {sizes}, {'text' if self.text else 'random'}"


def derived_seed(run: str, job: str) -> int:
    """Return the seed of a job that names none: all slices of a run have the same."""
    return int.from_bytes(sha256(f"{run} {job}".encode()).digest()[:8], "big")


def _sizes(value: Any) -> tuple[int, int]:
    """Read `10KiB`, or `10KiB to 5MiB`."""
    text = values.text(value)
    first, _, last = text.partition(" to ")
    try:
        least = units.size(first)
        most = units.size(last) if last else least
    except ValueError:
        reason = f"{text!r} is not a size; write it as 64KiB, or 10KiB to 5MiB"
        raise vol.Invalid(reason) from None
    if least > most:
        raise vol.Invalid(f"{text!r}: the first size is the least; write them the other way round")
    return least, most


def _name(value: Any) -> Template:
    text = values.filled(value)
    try:
        name = Template(text, BEFORE_FILE)
    except ValueError as error:
        raise vol.Invalid(str(error)) from None
    if "/" in text or "\0" in text or text in (".", ".."):
        raise vol.Invalid(f"{text!r} is no name of a file: no directory can stand in it")
    return name


_KEYS: Mapping[Any, Any] = {
    required("generate", "how files are made"): {
        required("size", "of each file: 10KiB, or 10KiB to 5MiB"): _sizes,
        key("name", "their names; placeholders", "{seq}.dat"): _name,
        key("content", "random or text", "random"): values.one_of("random", "text"),
        key("seed", "makes the same files each time"): values.whole(),
    }
}
_SCHEMA = vol.Schema(_KEYS)


def _files(value: Any) -> Any:
    """Read the path of a directory or file, or the mapping that says how files are made."""
    if not isinstance(value, dict):
        return values.input_path(value)
    given: Mapping[str, Any] = _SCHEMA(value)["generate"]
    least, most = given["size"]
    return Generate(least, most, given["name"], given["content"] == "text", given.get("seed"))


FILES = Nested(_files, _KEYS)
"""The reader of `files`."""
