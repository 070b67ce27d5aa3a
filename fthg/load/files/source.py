"""The source of a job's files: a directory, a file or a generator, with their order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Optional

from ...access import AT_ONCE, Access
from ...folder import Folder
from .generate import Generate
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
    """The cache of the files if their placeholders are replaced; None: they are sent as is."""
    folder: Optional[Folder] = field(default=None, compare=False, repr=False)
    """The directory once it is open, from the start of a run; None: `files` is one file."""
    access: Access = field(default=AT_ONCE, compare=False, repr=False)
    """The calls to the file system, from the start of a run."""

    @property
    def divisible(self) -> bool:
        """True if several workers agree on which file comes next.

        Not if each is sent once, and as soon as it is old enough: that depends on the moment.
        """
        return self.repeat or not self.min_age
