"""The promise of concurrency keys, checked on a schedule's history."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta

from tests.simulation.history import History, Started, Stopped, Wrote
from tests.simulation.job import SimulatedType, Task
from workerless.flow.concurrency import rule_of
from workerless.testing.clock import START

# The most that two clocks of a plan differ.
_MOST_SKEW = timedelta(seconds=50)


def no_key_has_more_running_than_may(history: History, job_type: SimulatedType) -> Iterator[str]:
    """Of runs that their lease still covers, as clocks that differ can know it.

    A job's earlier attempt does not count once a later one has its permit.
    """
    rule = rule_of(job_type)
    if rule is None:
        return
    covered, skew = _covered(history)
    running: dict[str, dict[str, tuple[str, float]]] = defaultdict(dict)
    for at, event in history.events:
        match event:
            case Started():
                key = _key(job_type, event.text)
                here = running[key]
                live = {job for job, (_, until) in here.items() if until > at} - {event.job_id}
                here[event.job_id] = event.token, covered[event.token] - skew
                if key and len(live) >= rule.limit:
                    yield f"{event.job_id} under {event.token} runs beside {live} of {key!r}"
            case Stopped():
                for here in running.values():
                    if here.get(event.job_id, ("", 0))[0] == event.token:
                        del here[event.job_id]
            case _:
                pass


def _covered(history: History) -> tuple[dict[str, float], float]:
    """Until when each lease lasts, in seconds of the world, and how far clocks differ."""
    leases: dict[str, tuple[str, float]] = {}
    skews: dict[str, float] = {}
    for at, event in history.events:
        if isinstance(event, Wrote) and event.after.lease is not None and event.call == "claim":
            ends = event.after.lease.until - START
            leases[event.after.lease.token] = event.by, ends.total_seconds()
            behind = at - (event.now - START).total_seconds()
            skews[event.by] = min(behind, skews.get(event.by, behind))
    most = max(skews.values(), default=0.0) - min(skews.values(), default=0.0)
    ends_at = {token: until + skews[by] for token, (by, until) in leases.items()}
    return ends_at, min(most, _MOST_SKEW.total_seconds())


def _key(job_type: SimulatedType, text: str) -> str:
    rule = rule_of(job_type)
    if rule is None or rule.key is None:
        return "all"
    assert callable(rule.key)
    return rule.key(Task(text=text)) or ""
