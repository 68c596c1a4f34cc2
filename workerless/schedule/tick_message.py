"""A tick as EventBridge Scheduler sends it: a plan, and the time it is for."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from workerless.errors import WorkerlessError
from workerless.frozen import frozen
from workerless.schedule.plan import Plan, read_plan, write_plan

# What Scheduler puts the time of the tick in the place of. Emulators leave it as it is.
SCHEDULED_TIME = "<aws.scheduler.scheduled-time>"


@frozen
class Tick:
    """One delivery of one tick."""

    message_id: str
    plan: Plan
    time: datetime


def tick_input(plan: Plan) -> str:
    """What Scheduler shall send for each tick of ``plan``, as JSON.

    It looks for its attributes in all of the text, so no payload may look like one.
    """
    told = json.dumps(write_plan(plan), separators=(",", ":")).replace("<", "\\u003c")
    return f'{{"plan":{told},"scheduled_time":"{SCHEDULED_TIME}"}}'


def read_tick(record: Mapping[str, Any]) -> Tick:
    """The tick in one entry of a Lambda SQS event. Raises ``WorkerlessError``.

    A time that an emulator left out is when the message was sent.
    """
    try:
        told = json.loads(record["body"])
        plan, time = read_plan(told["plan"]), told["scheduled_time"]
        return Tick(
            message_id=record["messageId"],
            plan=plan,
            time=_sent_tick(record, plan) if time == SCHEDULED_TIME else _moment(time),
        )
    except (ValueError, LookupError, TypeError) as error:
        raise WorkerlessError(f"this message is no tick of a schedule: {error!r}") from error


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"scheduled_time must have a zone, got {text!r}")
    return moment.astimezone(UTC)


def _sent_tick(record: Mapping[str, Any], plan: Plan) -> datetime:
    """The last tick before the message was sent, unless it was sent too late to be that one's.

    Where zones are unknown messages come each minute, and most of them are of no tick.
    """
    sent_ms = int(record["attributes"]["SentTimestamp"])
    sent_at = datetime.fromtimestamp(sent_ms / 1000, tz=UTC)
    last = plan.timetable.until(sent_at)
    return last if last is not None and sent_at - last <= plan.grace else sent_at
