"""What people decided, as pieces of histories that the checkers must refuse, or let pass."""

from dataclasses import replace
from datetime import timedelta

from tests.simulation import decision_checkers as decision
from tests.simulation.checkers import Checker
from tests.simulation.histories import (
    ACCEPTED,
    CLAIM,
    COMPLETED,
    FAILED,
    HOOKED,
    RUNNING,
    rest,
    running,
    sent,
    started,
    wrote,
)
from tests.simulation.history import Decided, Event, Hooked
from workerless.redrive import Dismissal, Redrive, dismissed, redriven
from workerless.testing.clock import START

LATER = START + timedelta(days=1)
AGAIN = redriven(FAILED, Redrive(seen=FAILED, by="request", at=LATER, run_at=LATER))
GONE = dismissed(
    FAILED, Dismissal(seen=FAILED, by="request", at=LATER, reason="no", expires_at=LATER)
)
REDRIVEN = wrote("redrive", FAILED, AGAIN)
DISMISSED = wrote("dismiss", FAILED, GONE)
SECOND_LIFE = replace(
    running("two"),
    generation=2,
    redriven_at=LATER,
    redriven_by="request",
)
DONE = replace(SECOND_LIFE, state=COMPLETED.state, result=COMPLETED.result)
TOLD = Decided(by="request", job_id="job", result="done")

BAD: list[tuple[Checker, tuple[Event, ...]]] = [
    (decision.only_failed_jobs_are_decided_about, (wrote("redrive", COMPLETED, AGAIN),)),
    (decision.only_failed_jobs_are_decided_about, (wrote("reschedule", FAILED, AGAIN),)),
    (decision.each_decision_is_carried_out_once, (REDRIVEN, REDRIVEN)),
    (decision.each_decision_is_carried_out_once, (DISMISSED, DISMISSED)),
    (decision.who_decides_is_told_the_truth, (TOLD, rest(FAILED))),
    (
        decision.who_decides_is_told_the_truth,
        (REDRIVEN, replace(TOLD, result="failed"), rest(AGAIN)),
    ),
    (decision.no_message_is_ahead_of_its_record, (replace(sent(has_record=True), is_ahead=True),)),
]
FAILS = (CLAIM, started(), wrote("finish", RUNNING, FAILED))
GOOD: list[tuple[Event, ...]] = [
    (
        ACCEPTED,
        *FAILS,
        Hooked(by="worker", hook="on_failed", job_id="job"),
        REDRIVEN,
        TOLD,
        wrote("claim", AGAIN, SECOND_LIFE, now=LATER, under="two"),
        started(under="two"),
        wrote("finish", SECOND_LIFE, DONE, under="two"),
        HOOKED,
        rest(DONE),
    ),
    (ACCEPTED, *FAILS, DISMISSED, TOLD, rest(GONE)),
]
