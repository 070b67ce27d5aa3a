"""Both pages as texts: templates whose marked lines are filled from the program itself."""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from collections.abc import Iterable, Mapping
from datetime import datetime, timezone
from pathlib import Path

from fthg import __version__
from fthg.errors import KINDS
from fthg.placeholders import PLACEHOLDERS

from .diagnostics import NEXT
from .parser import GROUPS
from .reference import SECTIONS, reference
from .roff import bold, escaped, filled, paragraph, tagged

HERE = Path(__file__).parent
SUMMARY = "load file-transfer systems and track the outcome of every file"
MANUAL = "File Transfer Harness"

_MARK = re.compile(r"^@(\w+)@$", re.MULTILINE)


def configuration() -> str:
    """Return fthg.yaml(5)."""
    parts = {section: reference(section) for section in SECTIONS}
    names = ", ".join(bold(f"{{{name}}}") for name in PLACEHOLDERS)
    text = (HERE / "fthg.yaml.5.in").read_text(encoding="utf-8")
    text = text.replace("%VERSION%", __version__).replace("%DATE%", _date())
    return _filled(text, {**parts, "placeholders": [f"{names}."]})


def command() -> str:
    """Return fthg(1), made by argparse-manpage from the parser and the written sections."""
    sections = _filled(
        (HERE / "fthg.1.in").read_text(encoding="utf-8"), {"diagnostics": _diagnostics()}
    )
    with tempfile.TemporaryDirectory() as directory:
        include = Path(directory, "sections")
        include.write_text(sections, encoding="utf-8")
        made = _argparse_manpage(include)
    return _tidied(made)


def _filled(text: str, parts: Mapping[str, Iterable[str]]) -> str:
    return _MARK.sub(lambda mark: "\n".join(parts[mark[1]]), text)


def _date() -> str:
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    now = datetime.fromtimestamp(int(epoch), timezone.utc) if epoch else datetime.now(timezone.utc)
    return f"{now:%Y-%m-%d}"


def _diagnostics() -> Iterable[str]:
    for kind, meaning in KINDS.items():
        yield from tagged(bold(kind), paragraph(f"{meaning}. {NEXT[kind]}"))


def _argparse_manpage(include: Path) -> str:
    words = [
        "argparse-manpage",
        *("--module", "man.parser", "--function", "page_parser"),
        *("--project-name", "fthg", "--version", __version__),
        *("--description", SUMMARY, "--manual-title", MANUAL, "--include", str(include)),
    ]
    path = os.pathsep.join(filter(None, [str(HERE.parent), os.environ.get("PYTHONPATH")]))
    done = subprocess.run(  # noqa: S603 - a fixed command
        words, env={**os.environ, "PYTHONPATH": path}, stdout=subprocess.PIPE, check=True
    )
    return done.stdout.decode("utf-8")


def _tidied(made: str) -> str:
    """Return the page with one section of options that holds its groups, as mandoc wants it."""
    head, *rest = filter(None, made.splitlines())
    lines = [head.replace("\\-", "-"), ".nr HY 0", ".ad l"]
    for line in rest:
        title = line[len(".SH ") :] if line.startswith(".SH ") else ""
        if group := next((group for group in GROUPS if group.upper() == title), None):
            lines += [] if ".SH OPTIONS" in lines else [".SH OPTIONS"]
            lines.append(f".SS {escaped(group)}")
        elif line.startswith((".", " ")):
            lines.append(line)
        else:
            lines += filled(line)
    return "\n".join(lines) + "\n"
