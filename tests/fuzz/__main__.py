"""The fuzzers: `python -m tests.fuzz [TARGET] [--seconds N]`, a process for each target."""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from .nasty import NASTY
from .seeds import SEEDS, words

TOGETHER = 60.0
"""Seconds for all targets, unless an option says otherwise."""

_PATIENCE = 20  # seconds for one input, on a busy machine
_CPU = 1.0  # seconds of it for one input: a linear parser takes less than a tenth of that
_MEMORY = 2048  # MiB
_LONGEST = dict.fromkeys(
    ["fillings", "http", "details", "locations", "challenges", "certificates", "sftp", "results"],
    65536,
)
"""Target → bytes of its longest input: what grows faster than it shows there; others have 4,096."""

_CRASHES = Path("fuzz-crashes")


def main(argv: Sequence[str]) -> int:
    """Fuzz what is asked for; 0 if nothing broke."""
    args = _arguments(argv)
    if args.inside:
        return _fuzz(args.target, args.inside, args.inputs)
    targets = [args.target] if args.target else list(SEEDS)
    seconds = args.seconds or TOGETHER / len(targets)
    print(f"{'target':<14}{'seconds':>8}{'inputs':>10}{'coverage':>10}  verdict")  # noqa: T201
    _CRASHES.mkdir(exist_ok=True)
    status = max([_one(target, max(1, round(seconds)), args.inputs) for target in targets])
    with suppress(OSError):
        _CRASHES.rmdir()  # if nothing is in it
    return status


def _arguments(argv: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./dev fuzz", description=__doc__)
    parser.add_argument("target", nargs="?", choices=list(SEEDS), help="one only (default: all)")
    parser.add_argument(
        "--seconds", type=float, help=f"for each target (default: {TOGETHER:g} for all together)"
    )
    parser.add_argument("--inputs", type=int, default=0, help="no more than these for each target")
    parser.add_argument("--inside", type=int, help=argparse.SUPPRESS)
    return parser.parse_args(argv)


def _one(target: str, seconds: int, inputs: int) -> int:
    """Fuzz one target in a process of its own: whatever breaks there ends that one only."""
    words = [sys.executable, "-m", "tests.fuzz", target, "--inside", str(seconds)]
    words += ["--inputs", str(inputs)]
    done = subprocess.run(
        words,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
        env={**os.environ, "PYTHONHASHSEED": "0"},  # with the seed: the same inputs every time
    )
    said = done.stdout.decode("utf-8", "replace")
    ran = re.findall(r"^#(\d+)", said, re.MULTILINE) or ["0"]
    covered = re.findall(r"cov: (\d+)", said) or ["0"]
    verdict = "ok" if done.returncode == 0 else f"broken: its input is in {_CRASHES}/"
    print(f"{target:<14}{seconds:>8}{ran[-1]:>10}{covered[-1]:>10}  {verdict}", flush=True)  # noqa: T201
    if done.returncode:
        sys.stdout.write(said[-5000:])
    return int(done.returncode != 0)


def _limited(target: Callable[[bytes], None]) -> Callable[[bytes], None]:
    """Return a target that breaks, too, where it takes too much CPU time for an input."""

    def run(data: bytes) -> None:
        began = time.process_time()
        target(data)
        took = time.process_time() - began
        assert took < _CPU, f"{len(data)} bytes took {took:.1f} s"

    return run


def _fuzz(target: str, seconds: int, inputs: int) -> int:
    import atheris

    with atheris.instrument_imports(include=["fthg"]):
        from .targets import TARGETS
    with tempfile.TemporaryDirectory() as directory:
        grown, seeds, known = (Path(directory, name) for name in ("grown", "seeds", "words"))
        grown.mkdir()
        seeds.mkdir()
        longest = _LONGEST.get(target, 4096)
        nasty = [make(longest // 8) for make in NASTY[target].values()]
        for number, seed in enumerate([*SEEDS[target], *nasty]):
            (seeds / str(number)).write_bytes(seed)
        known.write_text("".join(f'"{word.decode()}"\n' for word in words(target)))
        dictionary = [f"-dict={known}"] if words(target) else []  # an empty one is an error
        limits = [f"-max_total_time={seconds}", f"-timeout={_PATIENCE}", f"-rss_limit_mb={_MEMORY}"]
        limits += [f"-runs={inputs}"] if inputs else []
        fixed = ["-seed=20261124", f"-max_len={longest}", *dictionary]
        places = [f"-artifact_prefix={_CRASHES}/{target}-", str(grown), str(seeds)]
        atheris.Setup(["fuzz", *limits, *fixed, *places], _limited(TARGETS[target]))
        atheris.Fuzz()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
