"""What stands before all imports."""

from __future__ import annotations

import subprocess
import sys

_LEFT_OUT = ("invoke", "unittest.mock", "asyncio", "jinja2", "pymysql", "sqlite3")


def test_a_start_imports_nothing_that_only_another_mode_or_nobody_needs() -> None:
    code = (
        "import sys; from fthg.patch import patch; patch(); import fthg.program, fthg.modes.load; "
        f"print(*(name for name in {_LEFT_OUT} if sys.modules.get(name)))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.split() == []


def test_gevent_asks_for_its_plugins_as_often_as_there_are_kinds_of_them() -> None:
    code = (
        "from importlib import metadata; found, asked = metadata.entry_points, []\n"
        "def entry_points(**given): asked.append(given); return found(**given)\n"
        "metadata.entry_points = entry_points\n"
        "from fthg.patch import patch; patch()\n"
        "print(len(asked), entry_points == metadata.entry_points)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    asked, restored = run.stdout.split()
    assert int(asked) <= 5
    assert restored == "True"
