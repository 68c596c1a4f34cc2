"""Rules for the alarms of a job type."""

from collections.abc import Iterator

from workerless.deployed import AlarmFacts, DeployedJobType, QueueFacts
from workerless.operations.doctor.finding import DEPLOY, Finding

_VISIBLE = "ApproximateNumberOfMessagesVisible"
_AGE = "ApproximateAgeOfOldestMessage"


def dead_letters_ring(deployed: DeployedJobType) -> Iterator[Finding]:
    """Visible, not sent: what SQS itself moves counts as sent nowhere."""
    dead = deployed.dead_letters
    if dead is None or any(one.threshold < 1 for one in _on(deployed, dead, _VISIBLE)):
        return
    others = {one.metric for one in deployed.alarms if one.queue == dead.name}
    yield Finding(
        rule="dead_letter_alarm",
        on=dead.name,
        wrong="has no alarm that rings at the first visible letter"
        + (f"; {', '.join(sorted(others))} does not count what SQS moves" if others else ""),
        fix=f"alarm on {_VISIBLE} > 0, or {DEPLOY}",
        is_broken=_has_any(deployed),
    )


def age_rings(deployed: DeployedJobType) -> Iterator[Finding]:
    """Nothing else rings when all stands still."""
    queue = deployed.queue
    if queue and not _on(deployed, queue, _AGE):
        yield Finding(
            rule="age_alarm",
            on=queue.name,
            wrong="has no alarm on the age of its oldest message: nobody hears that nothing moves",
            fix=DEPLOY,
            is_broken=_has_any(deployed),
        )


def alarms_tell_somebody(deployed: DeployedJobType) -> Iterator[Finding]:
    """An alarm without action is a colour."""
    for alarm in deployed.alarms:
        if not alarm.tells:
            yield Finding(
                rule="alarm_action",
                on=alarm.name,
                wrong="tells nobody: it has no action, or its actions are off",
                fix=f"aws cloudwatch enable-alarm-actions --alarm-names {alarm.name}, or {DEPLOY}",
            )


def idle_queues_are_quiet(deployed: DeployedJobType) -> Iterator[Finding]:
    """An idle queue reports nothing after six hours."""
    for alarm in deployed.alarms:
        if alarm.missing_data != "notBreaching":
            yield Finding(
                rule="missing_data",
                on=alarm.name,
                wrong=f"takes missing data as {alarm.missing_data}, and an idle queue reports none",
                fix="set TreatMissingData to notBreaching",
                is_broken=False,
            )


def _has_any(deployed: DeployedJobType) -> bool:
    """A stage without alarms was deployed so, to pay for none."""
    return bool(deployed.alarms)


def _on(deployed: DeployedJobType, queue: QueueFacts, metric: str) -> list[AlarmFacts]:
    return [one for one in deployed.alarms if (one.queue, one.metric) == (queue.name, metric)]
