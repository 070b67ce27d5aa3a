"""The build hook of the wheel: adds manual pages, completions and the schema.

pip puts them below the prefix of the environment, where man, shells and editors look for them.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

_COMPLETIONS = {
    "bash": "share/bash-completion/completions/fthg",
    "zsh": "share/zsh/site-functions/_fthg",
    "fish": "share/fish/vendor_completions.d/fthg.fish",
}


class DataFiles(BuildHookInterface):
    """Makes the data files from the program itself."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Make them, and name the place of each; an editable install has none."""
        if version == "editable":
            return
        self._made = tempfile.TemporaryDirectory(prefix="fthg-wheel-")
        made = Path(self._made.name)
        self._run(made / "log", "-m", "man", str(made))
        places = {"fthg.1": "share/man/man1/fthg.1", "fthg.yaml.5": "share/man/man5/fthg.yaml.5"}
        for shell, place in _COMPLETIONS.items():
            self._run(made / shell, "packaging/rpm/completion.py", shell)
            places[shell] = place
        self._run(made / "fthg.schema.json", "-m", "fthg", "--config-schema")
        places["fthg.schema.json"] = "share/fthg/fthg.schema.json"
        build_data["shared_data"].update({str(made / name): to for name, to in places.items()})

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Remove what is in the wheel now."""
        del build_data, artifact_path
        if version != "editable":
            self._made.cleanup()

    def _run(self, output: Path, *words: str) -> None:
        with output.open("wb") as file:
            command = [sys.executable, *words]
            subprocess.run(command, cwd=self.root, stdout=file, check=True)  # noqa: S603 - fixed
