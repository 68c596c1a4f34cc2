"""A page about all job types of a project, made from their declarations.

What each is for, what it takes, how it is repeated, and how to start one.
"""

from collections.abc import Iterable
from datetime import timedelta
from inspect import cleandoc
from typing import Any

from workerless.backoff import Backoff
from workerless.job_type import JobType
from workerless.schedule.describe import describe
from workerless.tracking import Tracking

_HEAD = """# Job types of this project

Made by `workerless docs` from `functions/*/job.py`; a test keeps it true.
"""


_TRACKING = {
    Tracking.FULL: "full: a record from the start",
    Tracking.LEAN: "lean: a record from its first start on, listed only if it ends badly",
    Tracking.OFF: "off: no record",
}


def catalogue(job_types: Iterable[JobType[Any, Any]]) -> str:
    """The page as Markdown, job types in the order of their names."""
    ordered = sorted(job_types, key=lambda one: one.name)
    return "\n".join([_HEAD, *(_section(job_type) for job_type in ordered)])


def _section(job_type: JobType[Any, Any]) -> str:
    return f"""## {job_type.name}

{cleandoc(job_type.payload.__doc__ or "")}

| | |
|---|---|
| owner | {job_type.owner or "nobody yet"} |
| runbook | {job_type.runbook or "none yet"} |
| payload | version {job_type.version}: {_fields(job_type)} |
| result | {job_type.result.__name__ if job_type.result else "none"} |
| attempts | {_retries(job_type)} |
| time for one job | {_duration(job_type.timeout)} |
| at once | {_at_once(job_type)} |
{_due(job_type)}| tracking | {_TRACKING[job_type.tracking]} |
| when it fails for good | {_dead(job_type)} |
| touches | {_touches(job_type)} |

```sh
workerless schema {job_type.name}
workerless enqueue {job_type.name} @payload.json --wait
```
"""


def _at_once(job_type: JobType[Any, Any]) -> str:
    if job_type.concurrency == 1:
        return "one job at a time"
    rule = job_type.concurrency_key
    least = f"{job_type.autoscale.least} to " if job_type.autoscale else ""
    invocations = f"{least}{job_type.concurrency} invocations of {_jobs(job_type.batch_size)}"
    if rule is None:
        return f"{invocations}{_lanes(job_type)}"
    each = f" of each `{rule.key}`" if isinstance(rule.key, str) else ""
    each = " of each key" if callable(rule.key) else each
    group = f", with all of group `{rule.group}`" if rule.group else ""
    return f"{invocations}{_lanes(job_type)}; {_jobs(rule.limit)}{each} at a time{group}"


def _fields(job_type: JobType[Any, Any]) -> str:
    schema = job_type.json_schema()
    required = set(schema.get("required", ()))
    names = [f"`{name}`{'' if name in required else '?'}" for name in schema.get("properties", {})]
    return ", ".join(names) or "no fields"


def _retries(job_type: JobType[Any, Any]) -> str:
    by_error = [f"{error.__name__}: {_backoff(one)}" for error, one in job_type.by_error.items()]
    gives_up = ", ".join(error.__name__ for error in job_type.give_up_on)
    parts = [
        f"{job_type.retry.attempts}, {_backoff(job_type.retry)}",
        *by_error,
        *([f"never after {gives_up}"] if gives_up else []),
        *([f"within {_duration(job_type.retry_within)}"] if job_type.retry_within else []),
    ]
    return "; ".join(parts)


def _backoff(backoff: Backoff) -> str:
    jitter = backoff.jitter.name.lower().replace("_", " ")
    return (
        f"{type(backoff).__name__.lower()} backoff up to {_duration(backoff.cap)}, jitter {jitter}"
    )


def _dead(job_type: JobType[Any, Any]) -> str:
    places = ["dead-letter queue, 14 days"] if job_type.dead_letter else []
    if job_type.tracking is not Tracking.OFF:
        kept = f"the record is kept for {_duration(job_type.failed_retention)}"
        places.append(kept if places else f"only {kept}")
    return "; ".join(places) or "nothing is kept, but its log"


def _touches(job_type: JobType[Any, Any]) -> str:
    statements = [
        f"`{action}` on `{resource}`"
        for allow in job_type.permissions
        for action in allow.actions
        for resource in allow.resources
    ]
    statements += [f"jobs of `{child}`" for child in job_type.children]
    own = "queue" if job_type.tracking is Tracking.OFF else "queue and record"
    return ", ".join(statements) or f"nothing on AWS beyond its own {own}"


def _lanes(job_type: JobType[Any, Any]) -> str:
    """How many of the invocations each lane has."""
    if job_type.lanes is None:
        return ""
    shares = job_type.lanes.shares(job_type.concurrency)
    return ", by lane: " + ", ".join(f"{lane} {share}" for lane, share in shares.items())


def _due(job_type: JobType[Any, Any]) -> str:
    """A row for job types that start by themselves."""
    due = "; ".join(f"{one.name}: {describe(one.when)}" for one in job_type.schedules)
    scheduled = f"| scheduled | {due} |\n" if due else ""
    told = "; ".join(f"{one.name}: {one.description}" for one in job_type.sources)
    return scheduled + (f"| started by | {told} |\n" if told else "")


def _jobs(most: int) -> str:
    return "one job" if most == 1 else f"up to {most} jobs"


def _duration(duration: timedelta) -> str:
    """``1 h 30 min``: the parts that are not zero."""
    minutes, seconds = divmod(duration.total_seconds(), 60)
    hours, minutes = divmod(int(minutes), 60)
    days, hours = divmod(hours, 24)
    parts = ((days, "d"), (hours, "h"), (minutes, "min"), (seconds, "s"))
    return " ".join(f"{number:g} {unit}" for number, unit in parts if number) or "0 s"
