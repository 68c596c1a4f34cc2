"""Rules for what all job types of a stage share."""

from collections.abc import Iterator
from datetime import datetime

from workerless.deployed import DeployedCore
from workerless.operations.doctor.finding import DEPLOY, Finding
from workerless.operations.doctor.function_rules import unready
from workerless.pulse import Pulse, is_alive

_INDEXES = frozenset({"due", "by_state"})
_EXPIRES_BY = "expires_at"


def table_answers(core: DeployedCore) -> Iterator[Finding]:
    """It is there, and both indexes are."""
    if core.table is None:
        yield Finding(rule="table", on="table", wrong="is not there", fix="deploy the core stack")
        return
    if core.table.state != "ACTIVE":
        yield Finding(
            rule="table", on=core.table.name, wrong=f"is {core.table.state}", fix="wait for it"
        )
    for missing in sorted(_INDEXES - core.table.indexes):
        yield Finding(
            rule="table",
            on=core.table.name,
            wrong=f"has no active index {missing}",
            fix=DEPLOY,
        )


def records_expire(core: DeployedCore) -> Iterator[Finding]:
    """By their own time, at no cost."""
    if core.table and core.table.expires_by != _EXPIRES_BY:
        yield Finding(
            rule="time_to_live",
            on=core.table.name,
            wrong="does not delete what has expired: it grows for ever",
            fix=f"turn its time to live on, for {_EXPIRES_BY}",
        )


def records_are_safe(core: DeployedCore) -> Iterator[Finding]:
    """A stage keeps its data, whatever somebody does by mistake."""
    if core.table and not core.table.is_recoverable:
        yield Finding(
            rule="recovery",
            on=core.table.name,
            wrong="has no point-in-time recovery: a mistake cannot be taken back",
            fix=DEPLOY,
        )
    if core.table and not core.table.is_protected:
        yield Finding(
            rule="recovery",
            on=core.table.name,
            wrong="can be deleted by one call",
            fix="turn its deletion protection on",
        )


def functions_are_called(core: DeployedCore) -> Iterator[Finding]:
    """Each minute: one starts parked jobs and finds lost ones, one drives operations on."""
    for scheduled, cost in (
        (core.sweeper, "parked jobs do not start, and lost ones stay lost"),
        (core.operator, "an operation moves only while somebody follows it"),
    ):
        yield from unready(scheduled.function, scheduled.name)
        if scheduled.schedule != "rate(1 minutes)":
            yield Finding(
                rule="schedule",
                on=scheduled.name,
                wrong=f"is called by {scheduled.schedule or 'no enabled schedule'}: {cost}",
                fix="enable its schedule in EventBridge Scheduler, rate(1 minutes)",
            )


def sweeper_lives(core: DeployedCore, pulse: Pulse | None, now: datetime) -> Iterator[Finding]:
    """Its heartbeat shows that schedule, function and table work together."""
    if not is_alive(pulse, now):
        yield Finding(
            rule="heartbeat",
            on=core.sweeper.name,
            wrong=f"last ran {f'at {pulse.at:%Y-%m-%d %H:%M:%S} UTC' if pulse else 'never'}",
            fix="look at its log; it was deployed less than two minutes ago, or something stops it",
        )


def alarms_are_heard(core: DeployedCore) -> Iterator[Finding]:
    """Somebody is subscribed to the topic."""
    if core.listeners == 0:
        yield Finding(
            rule="listeners",
            on="alarm topic",
            wrong="has no subscription: alarms change colour and tell nobody",
            fix="set alarm_email in infra/settings.py, or subscribe to the topic",
            is_broken=False,
        )
