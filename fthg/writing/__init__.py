"""Everything about writing files.

stamp      names with `{date}`, `{time}` and `{run}`
place      the end of a path: a file, a device, an open descriptor
whole      replace a file as a whole, or leave the old one
appending  append whole lines, also after a line that was cut off
outputs    find clashes and unwritable outputs before the start
"""

from .failure import unwritable
from .outputs import InputFile, OutputFile, check_outputs
from .place import STANDARD_OUTPUT, is_descriptor, is_standard_output
from .stamp import Stamp
from .whole import replacing

__all__ = [
    "STANDARD_OUTPUT",
    "InputFile",
    "OutputFile",
    "Stamp",
    "check_outputs",
    "is_descriptor",
    "is_standard_output",
    "replacing",
    "unwritable",
]
