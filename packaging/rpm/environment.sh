#!/usr/bin/env bash
# environment.sh PYTHON39: make .venv/rpm, which replaces the packages of RHEL 9 and EPEL 9 that a
# build needs, for hosts whose rpm has no macros for Python. Prints the path of its python.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
python=$PWD/.venv/rpm/bin/python
stamp=$(cat pyproject.toml packaging/el9-constraints.txt "$0" <("$1" -VV) <(pwd) | cksum)

if [ "$(cat .venv/rpm/stamp 2> /dev/null)" != "$stamp" ]; then
    echo "dev: setting up .venv/rpm ($("$1" -V), as RHEL 9 has it)" >&2
    "$1" -m venv --clear .venv/rpm # the stamp too: one that was cut off is made again
    mapfile -t needed < <("$python" -c '
import re, pathlib
text = pathlib.Path("pyproject.toml").read_text()
print(*re.findall(r"\"(.+?)\"", re.search(r"^dependencies = \[(.*?)^\]", text, re.M | re.S)[1]), sep="\n")')
    {
        "$python" -m pip install -qq 'pip<24'
        "$python" -m pip install -qq -c packaging/el9-constraints.txt \
            "${needed[@]}" argparse-manpage pytest
        # EPEL 9 combines this hatchling with older libraries than its metadata on PyPI allow.
        "$python" -m pip install -qq --no-deps hatchling==1.21.1 pathspec trove-classifiers
    } >&2
    echo "$stamp" > .venv/rpm/stamp
fi
echo "$python"
