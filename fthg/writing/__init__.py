"""Everything about writing files.

stamp      names with `{date}`, `{time}` and `{run}`
place      the end of a path: a file, a device, an open descriptor
whole      replace a file as a whole, or leave the old one
bounded    the same in a thread, so that a disk that hangs is not waited for
appending  append whole lines, also after a line that was cut off
leaving    end a process, though a disk hangs
writer     a thread that writes from a queue; lines: a file that it appends to
outputs    find clashes and unwritable outputs before the start
"""

from .bounded import BoundedFile
from .failure import unwritable
from .leaving import leave_hanging_files
from .outputs import InputFile, OutputFile, check_outputs, holding_pipes
from .place import STANDARD_OUTPUT, is_descriptor, is_standard_output, is_stream
from .stamp import Stamp
from .whole import replacing
from .writer import writing

__all__ = [
    "STANDARD_OUTPUT",
    "BoundedFile",
    "InputFile",
    "OutputFile",
    "Stamp",
    "check_outputs",
    "holding_pipes",
    "is_descriptor",
    "is_standard_output",
    "is_stream",
    "leave_hanging_files",
    "replacing",
    "unwritable",
    "writing",
]
