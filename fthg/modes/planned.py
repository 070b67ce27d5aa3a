"""The plan of a run, and its configuration as reports show it, both without secrets."""

from __future__ import annotations

from dataclasses import replace

from ..config.settings import Settings
from ..config.show import show
from ..load.plan import Plan
from ..load.planning import make_plan
from ..log import Masks
from ..writing import Stamp


def planned(read: Settings, stamp: Stamp) -> Plan:
    """Return the plan of a run.

    A secret may be in a URL, too, because both can be cells of one table.
    """
    plan, secrets = make_plan(read.run, read.jobs, stamp), read.secrets()
    mask = Masks(secrets)
    jobs = tuple(replace(job, url=mask(job.url)) for job in plan.jobs)
    return replace(plan, jobs=jobs, secrets=secrets)


def configuration(plan: Plan, read: Settings) -> str:
    """Return the effective configuration for the report, if there will be one with jobs."""
    if not (plan.jobs and plan.outputs.get("report")):
        return ""
    return "\n".join(show(read.tree, read.schema, Masks(read.secrets())))
