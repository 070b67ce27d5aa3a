"""The pods of the Kubernetes example as processes: what a kubelet makes of its manifest."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from .runs import EXAMPLES, PATH

MANIFESTS = EXAMPLES / "kubernetes"


def documents(name: str) -> Sequence[Mapping[str, Any]]:
    """Return the objects of a manifest."""
    return list(yaml.safe_load_all((MANIFESTS / name).read_text()))


class Node(NamedTuple):
    """A directory that stands for a node: each mount is a place in it."""

    directory: Path
    config_map: Mapping[str, str]  # `fthg-run`
    changes: Mapping[str, str]  # of arguments: what only holds in a cluster

    def path(self, mounted: str) -> str:
        """Return where something is that a container has at this path."""
        return str(self.directory / mounted.lstrip("/"))

    def start(self, manifest: str, **given: str) -> subprocess.Popen[str]:
        """Start the container of a Job's pod, with the variables that its controller gives it."""
        (job,) = documents(manifest)
        (container,) = job["spec"]["template"]["spec"]["containers"]
        known = {**given, **{one["name"]: self._value(one) for one in container["env"]}}
        command = container.get("command", ["fthg"])
        words = [self._word(word, known, container) for word in (*command, *container["args"])]
        return subprocess.Popen(
            words, env={"PATH": PATH, **known}, cwd=self.directory, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip

    def _value(self, variable: Mapping[str, Any]) -> str:
        if "value" in variable:
            return str(variable["value"])
        of = variable["valueFrom"]["configMapKeyRef"]
        assert of["name"] == "fthg-run"
        return self.config_map[of["key"]]

    def _word(self, word: str, known: Mapping[str, str], container: Mapping[str, Any]) -> str:
        word = re.sub(r"\$\((\w+)\)", lambda match: known[match[1]], word)
        for old, new in self.changes.items():
            word = word.replace(old, new)
        mounts = "|".join(re.escape(one["mountPath"]) for one in container["volumeMounts"])
        return re.sub(rf"(?<![\w.])({mounts})(?=[/\s]|$)", lambda match: self.path(match[1]), word)
