"""Each minute: one message to people about the jobs that failed since the last one.

The message is sent before it is noted that it was: who dies in between tells the same again.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from workerless.alert import Alert, grouped
from workerless.alert_ports import Alerting
from workerless.errors import WorkerlessError
from workerless.search import Listed, Search
from workerless.states import State

# The index is a moment behind its records, and clocks of two machines disagree.
LAG = timedelta(seconds=30)
# Who switches it on again after months does not want to hear of these.
_OLDEST = timedelta(hours=24)
MOST_COUNTED = 200
_TOLD_OF = (State.FAILED, State.HELD)


def tell_failures(world: Alerting, *, until: datetime) -> int:
    """How many jobs people were told of. Begins nothing after ``until``; never raises."""
    try:
        return _tell(world, until)
    except WorkerlessError as error:  # the store, or the directory, does not answer
        world.telemetry.trouble("alert_delayed", error)
        return 0


def _tell(world: Alerting, give_up_at: datetime) -> int:
    told_until, now = world.mark.read(), world.clock.now()
    until = now - LAG
    if told_until is None:  # what failed before it was switched on is no news
        world.mark.move(until)
        return 0
    since = max(told_until, until - _OLDEST)
    rows: list[Listed] = []
    at_least = False
    for job_type in _job_types(world):
        if world.clock.now() >= give_up_at:
            world.telemetry.trouble("alert_delayed", None)
            return 0  # all or nothing: the next run has the time
        for state in _TOLD_OF:
            meant = Search(job_type=job_type, states=frozenset({state}), since=since, until=until)
            hits = world.rows.search(meant, limit=MOST_COUNTED)
            rows += hits.rows
            at_least |= hits.cursor is not None
    return _publish(rows, world, since=since, until=until, at_least=at_least) if rows else 0


def _publish(
    rows: Sequence[Listed], world: Alerting, *, since: datetime, until: datetime, at_least: bool
) -> int:
    alert = Alert(
        stage=world.stage,
        since=since,
        until=until,
        groups=grouped(rows),
        at_least=at_least,
        link=world.link,
    )
    if not world.topic.publish(alert):
        return 0
    world.telemetry.transition(
        {"event": "alert.sent", "jobs": alert.number, "job_types": ",".join(alert.job_types)}
    )
    world.mark.move(until)
    return alert.number


def _job_types(world: Alerting) -> list[str]:
    deployed = [one.job_type for one in world.directory.all()]
    return [name for name in deployed if not world.job_types or name in world.job_types]
