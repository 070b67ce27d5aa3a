"""Opens the directories of a run's jobs, on file systems that may hang."""

from __future__ import annotations

import os
from contextlib import ExitStack, closing
from dataclasses import replace
from functools import partial

from ..access import Access, FileThreads, file_threads
from ..folder import Folder
from ..mounts import is_local
from .files.source import Source
from .plan import Job, Plan


def with_folders(plan: Plan, stack: ExitStack) -> Plan:
    """Return the plan with the directories of its jobs opened, until the stack is closed.

    One that cannot be opened is left to `files.first`, whose error says why.
    """
    threads = file_threads()
    jobs = (replace(job, source=_open(job, threads, stack)) for job in plan.jobs)
    return replace(plan, jobs=tuple(jobs))


def _open(job: Job, threads: FileThreads, stack: ExitStack) -> Source:
    source = job.source
    if source.generate is not None:
        return source
    share = threads.share(source.files)
    access = Access(local=False, timeout=job.options.timeout, threads=share)
    stack.enter_context(closing(access))
    try:
        folder = access(partial(Folder, source.files, source.follow_links))
    except NotADirectoryError:
        access.local = access(partial(_is_local_file, source.files))
        return replace(source, access=access)
    except OSError:
        return replace(source, access=access)
    access.local = folder.local
    return replace(source, folder=stack.enter_context(closing(folder)), access=access)


def _is_local_file(path: str) -> bool:
    descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        return is_local(descriptor, os.path.realpath(path))
    finally:
        os.close(descriptor)
