"""Slices: the arrivals of a job, or of a run, divided among machines and processes (pure)."""

from __future__ import annotations

import re
from typing import NamedTuple


class Slice(NamedTuple):
    """Part `part` of `of` equal ones: every arrival n with n mod `of` = `part`."""

    part: int  # from 0
    of: int

    @classmethod
    def parse(cls, text: str) -> Slice:
        """Read `3/10`; ValueError says what is wrong."""
        match = re.fullmatch(r"([0-9]{1,9})/([0-9]{1,9})", text.strip())
        if not match:
            raise ValueError(f"{text!r} is not a slice; write it as 3/10")
        part, of = int(match[1]), int(match[2])
        if part >= of:
            last = f"the last one of {of} is {of - 1}/{of}" if of else "there is none of 0"
            raise ValueError(f"{text!r} is not a slice: they are counted from 0, {last}")
        return cls(part, of)

    def __str__(self) -> str:
        """Return it as it is written: `3/10`."""
        return f"{self.part}/{self.of}"

    @property
    def in_paths(self) -> str:
        """The text of it in the names of files: `3-of-10`."""
        return f"{self.part}-of-{self.of}"

    def share(self, whole: int) -> int:
        """Return how many of a number of arrivals belong to this slice."""
        return whole // self.of + (self.part < whole % self.of)

    def first(self, least: int) -> int:
        """Return the first arrival of this slice that is not below a number."""
        return least + (self.part - least) % self.of

    def part_of(self, inner: Slice) -> Slice:
        """Return the slice that is part `inner` of this one: of its own arrivals every `of`th.

        Its share of a number is that of `inner` of the share of this one.
        """
        return Slice(self.part + self.of * inner.part, self.of * inner.of)


WHOLE = Slice(0, 1)
