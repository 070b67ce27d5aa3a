"""Slurm on loopback: munged, slurmctld and four slurmd, each a node, with their own directory."""

from __future__ import annotations

import contextlib
import getpass
import os
import socket
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.waiting import until

from . import ending, free_port, listens, need

NODES = 4

_PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "srun", "scancel", "scontrol", "sinfo")

_CONFIGURATION = """
ClusterName=fthg
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={port}
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
AuthInfo=socket={home}/munge.socket,cred_expire=5
CredType=cred/munge
StateSaveLocation={home}/state
SlurmdSpoolDir={home}/%n
SlurmctldPidFile={home}/slurmctld.pid
SlurmdPidFile={home}/%n.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
MpiDefault=none
SelectType=select/linear
ReturnToService=2
KillWait=60
SchedulerParameters=batch_sched_delay=0,sched_interval=1,sched_min_interval=100000
AccountingStorageType=accounting_storage/none
JobCompType=jobcomp/none
"""


class Slurm:
    """A cluster that takes jobs; all that it writes is in `home`."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.port = free_port()
        self.environment = {**os.environ, "SLURM_CONF": str(home / "slurm.conf")}

    def configure(self) -> None:
        """Write slurm.conf and the key of munge."""
        lines = [
            _CONFIGURATION.format(
                host=socket.gethostname(), port=self.port, user=getpass.getuser(), home=self.home
            ),
            *(
                f"NodeName=node{number} NodeHostname={socket.gethostname()} "
                f"NodeAddr=127.0.0.1 Port={free_port()} CPUs=1"
                for number in range(NODES)
            ),
            "PartitionName=all Nodes=ALL Default=YES State=UP OverSubscribe=FORCE:8",
        ]
        (self.home / "slurm.conf").write_text("\n".join(lines) + "\n")
        (self.home / "state").mkdir()
        key = self.home / "munge.key"
        key.write_bytes(os.urandom(128))
        key.chmod(0o400)

    def call(self, program: str, *arguments: str) -> str:
        """Call one of its programs and return what it prints; AssertionError if it fails."""
        done = subprocess.run(
            [need(program), *arguments], env=self.environment, timeout=60, check=False,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout
        return done.stdout.strip()

    def field(self, job: str, name: str) -> str:
        """Return a field of a job, such as JobState or ExitCode."""
        words = self.call("scontrol", "--oneliner", "show", "job", job).split()
        return next(word.partition("=")[2] for word in words if word.startswith(f"{name}="))

    def wait(self, job: str, *states: str) -> str:
        """Return the state of a job as soon as it is one of these, else of an ended job."""
        wanted = states or ("COMPLETED", "FAILED", "CANCELLED", "TIMEOUT", "NODE_FAIL")
        until(lambda: self.field(job, "JobState") in wanted, seconds=200)
        return self.field(job, "JobState")

    def munged(self) -> Sequence[str]:
        """Return the command of the service that Slurm's programs know each other by."""
        files = {"socket": "socket", "key-file": "key", "pid-file": "pid", "seed-file": "seed"}
        places = [f"--{option}={self.home}/munge.{name}" for option, name in files.items()]
        return ["munged", "--foreground", "--force", "--origin=127.0.0.1", *places]

    def nodes(self) -> Sequence[str]:
        """Return the states of nodes, one for each."""
        return self.call("sinfo", "--noheader", "--Node", "--format=%t").split()


@contextlib.contextmanager
def running(home: Path) -> Iterator[Slurm]:
    """Run a cluster for the length of a block."""
    for program in _PROGRAMS:
        need(program, on_rhel=False)
    slurm = Slurm(home)
    slurm.configure()
    with contextlib.ExitStack() as stack:

        def start(name: str, *command: str) -> None:
            stack.enter_context(_program(command, home / f"{name}.log", slurm.environment))

        start("munged", *slurm.munged())
        until((home / "munge.socket").exists)
        start("slurmctld", "slurmctld", "-D", "-i")
        until(lambda: listens("127.0.0.1", slurm.port))
        for number in range(NODES):
            start(f"node{number}", "slurmd", "-D", "-N", f"node{number}")
        until(lambda: slurm.nodes() == ["idle"] * NODES)
        yield slurm


@contextlib.contextmanager
def _program(command: Sequence[str], log: Path, environment: dict[str, str]) -> Iterator[None]:
    with log.open("wb") as file:
        process = subprocess.Popen(
            [need(command[0]), *command[1:]],
            stdout=file, stderr=file, env=environment, start_new_session=True,
        )  # fmt: skip
    with ending(process):
        yield
