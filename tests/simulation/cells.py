"""What the schedules must reach to be worth running: (step, fault) and (step, answer)."""

from itertools import product

from tests.simulation.fault import CALL, Fault
from tests.simulation.job import EVERYDAY, LONG
from tests.simulation.operating import Verb
from workerless.execution.letter_step import Deed
from workerless.transition import Verdict

_STEPS = (
    *(
        "put",
        "send",
        "claim",
        "finish",
        "progress",
        "remember",
        "checkpoint",
        "hide",
        "dead letter",
    ),
    *("put in payloads", "put in results", "fetch"),
    *("due", "read", "postpone", "count", "resend"),  # the sweeper's
    *("look", "delete letter", "put in archive"),
    *("redrive", "dismiss", "send again"),  # an operator's
)
_OUTCOMES = (
    "completed",
    "deferred",
    "discarded",
    "duplicate",
    "failed",
    "fenced",
    "retried",
    "snoozed",
    "continued",
    "lost",
    "sent",
    "held",
)

REACHABLE: frozenset[tuple[str, str]] = frozenset(
    {
        *product(_STEPS, CALL),
        *(("claim met", verdict.value) for verdict in Verdict),
        *(("outcome", f"job.{outcome}") for outcome in _OUTCOMES),
        *(("handler", act) for act in (*EVERYDAY, *LONG)),
        ("handler", Fault.ZOMBIE),
        ("handler", "killed at timeout"),
        ("send", Fault.PARTIAL),
        ("receive", Fault.DUPLICATED),
        ("receive", Fault.BURNT),
        ("receive", "throttled for long"),
        ("receive", "fuse"),
        ("due", Fault.BEHIND),
        *(("decided", f"{verb}: done") for verb in Verb),
        ("decided", "retry: skipped"),
        ("decided", "retry: failed"),
        *(("outcome", f"letter.{deed.value}") for deed in set(Deed) - {Deed.SEEN}),
        ("delete", Fault.UNDELETED),
        ("delete", Fault.LATE),
        ("delete", "stale, deleted all the same"),
        ("delete", "stale, left there"),
    }
)
"""Those a run of 2,000 schedules cannot miss; rarer ones are in its report."""
