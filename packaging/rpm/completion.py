"""Print the completion of fthg for a shell, for the build; standard library only."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from fthg.cli import build_parser
from fthg.cli.completion import completion

sys.stdout.write(completion(sys.argv[1], build_parser()))
