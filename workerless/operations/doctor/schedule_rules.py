"""Rules for the schedules that job types declare. Nobody mends them: they are a deployment's."""

import json
from collections.abc import Iterator, Mapping

from workerless import naming
from workerless.deployed import DeployedSchedules, EntryFacts
from workerless.operations.doctor.finding import DEPLOY, Finding
from workerless.schedule.plan import Plan
from workerless.schedule.tick_message import tick_input
from workerless.schedule.translate import AwsExpression, told_to_scheduler

_RULE = "declared_schedule"


def schedules_are_deployed(
    plans: Mapping[str, Plan], deployed: DeployedSchedules
) -> Iterator[Finding]:
    """Each has its entries in Scheduler, on and as they were deployed; there are no others."""
    wanted = {
        naming.schedule_entry(plan.schedule_id, number): (plan, expression)
        for plan in plans.values()
        for number, expression in enumerate(
            told_to_scheduler(plan.timetable, knows_zones=deployed.knows_zones)
        )
    }
    for name, (plan, expression) in wanted.items():
        if wrong := _wrong(deployed.entries.get(name), plan, expression):
            yield Finding(rule=_RULE, on=name, wrong=wrong, fix=DEPLOY)
    for name in sorted(deployed.entries.keys() - wanted.keys()):
        yield Finding(
            rule=_RULE,
            on=name,
            wrong="is in Scheduler, and declared by no job type",
            fix="delete it from the group: the schedules of deployments are alone in there",
            is_broken=False,
        )


def _wrong(entry: EntryFacts | None, plan: Plan, expression: AwsExpression) -> str | None:
    if entry is None:
        return "is not in Scheduler: no tick is sent"
    if not entry.is_enabled:
        return "is switched off: no tick is sent (`workerless schedules pause` is the way)"
    if (entry.expression, entry.timezone) != (expression.expression, expression.timezone):
        meant = f"{expression.expression} in {expression.timezone}"
        return f"is due {entry.expression} in {entry.timezone}, declared is {meant}"
    if _told(entry.input) != json.loads(tick_input(plan)):
        return "sends another schedule or payload than the declared one"
    return None


def _told(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return None
