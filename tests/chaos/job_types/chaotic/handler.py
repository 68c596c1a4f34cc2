"""Working by the script, under a clock that is fast and wrong.

The library is the real one; only its clock and the delays it asks of SQS are hurried. The modules
``hurry``, ``ledger`` and ``script`` are put beside this one when it is deployed.
"""

import os
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from random import Random
from signal import SIGKILL
from typing import Any

from functions.chaotic import ledger, script
from functions.chaotic.hurry import FACTOR, HurriedClock, HurriedQueue
from functions.chaotic.job import Chaos, Survived, chaotic

from workerless import Discard, Fail, Hooks, JobInfo, Snooze
from workerless.aws.session import AwsClients
from workerless.execution.response import BatchResponse
from workerless.worker import LambdaContext, worker

SEED = int(os.environ["CHAOS_SEED"])
KILLS = float(os.environ["CHAOS_KILLS"])
LEDGER = Path(os.environ["CHAOS_LEDGER"])
CLOCK = HurriedClock(
    since=float(os.environ["CHAOS_SINCE"]),
    skew=timedelta(seconds=script.skew_seconds(SEED, os.getpid())),
)


def perform(payload: Chaos) -> Survived:
    """Do what the script says of this job's run, and die when it says so."""
    number = payload.number
    if payload.padding != script.padding(SEED, number):
        raise Fail("not the payload that was sent")
    run = ledger.note(LEDGER, number, "started")
    _die(number, run, "started")
    match script.deed(SEED, number):
        case "raise_once" if run == 1:
            raise RuntimeError("as scripted, once")
        case "snooze_once" if run == 1:
            raise Snooze(timedelta(seconds=10))
        case "discard":
            raise Discard("as scripted")
        case "fail":
            raise Fail("as scripted")
    _die(number, run, "working")
    ledger.note(LEDGER, number, "worked")
    _die(number, run, "worked")
    return Survived(number=number)


def after_success(_job: JobInfo, result: str | None) -> None:
    """The record is written; the message is not acknowledged yet."""
    number = Survived.model_validate_json(result or "").number
    _die(number, ledger.lines(LEDGER, number).count("started"), "settled")


def _die(number: int, run: int, moment: script.Moment) -> None:
    if script.killed_at(SEED, number, run, KILLS) == moment:
        ledger.note(LEDGER, number, f"killed {moment}")
        os.kill(os.getpid(), SIGKILL)


work = worker(chaotic, hooks=(Hooks(on_success=after_success),))(perform)
PORTS = replace(
    work.prepare(), clock=CLOCK, queue=HurriedQueue(AwsClients().sqs, clock=CLOCK, rng=Random())
)


def handler(event: Mapping[str, Any], context: LambdaContext) -> BatchResponse:
    """What Lambda calls."""
    for record in event["Records"]:
        receives = int(record["attributes"]["ApproximateReceiveCount"])
        if script.is_killed_on_receipt(SEED, record["messageId"], receives, KILLS / 4):
            os._exit(9)
    left = timedelta(milliseconds=context.get_remaining_time_in_millis())
    return work.run(event["Records"], PORTS, left * FACTOR)
