"""Print the bash completion of fthg, generated from its parser; standard library only."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from fthg.cli import build_parser

_FRAME = """\
# bash completion for fthg, generated from its parser by the build
_fthg() {{
    local cur=${{COMP_WORDS[COMP_CWORD]}} prev=${{COMP_WORDS[COMP_CWORD - 1]}}
    COMPREPLY=()
    # Readline splits --option=value at the sign.
    [[ $cur == = ]] && cur=
    [[ $prev == = ]] && prev=${{COMP_WORDS[COMP_CWORD - 2]}}
    case $prev in
{cases}
    esac
    mapfile -t COMPREPLY < <(compgen -W '{options}' -- "$cur")
}}
complete -o filenames -F _fthg fthg
"""


def script() -> str:
    """Return the whole script."""
    actions = build_parser()._actions
    options = [option for action in actions for option in action.option_strings]
    cases = [line for action in actions for line in _case(action)]
    return _FRAME.format(cases="\n".join(cases), options=" ".join(options))


def _case(action: argparse.Action) -> Iterator[str]:
    """Yield the branch that completes the value of an option, if it takes one."""
    if action.nargs == 0:
        return
    names = "|".join(action.option_strings)
    if action.choices:
        found = f"mapfile -t COMPREPLY < <(compgen -W '{' '.join(action.choices)}' -- \"$cur\")"
    elif action.metavar in ("FILE", "DIR"):
        found = 'mapfile -t COMPREPLY < <(compgen -f -- "$cur")'
    elif action.nargs == "?":
        return
    else:
        found = ":"
    yield f"        {names})\n            {found}\n            return\n            ;;"


if __name__ == "__main__":
    sys.stdout.write(script())
