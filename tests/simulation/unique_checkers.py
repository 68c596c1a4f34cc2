"""What must hold of unique jobs, whatever else goes wrong."""

from collections import defaultdict
from collections.abc import Iterator

from tests.simulation import record_checkers as record
from tests.simulation.history import History, Started, Wrote
from workerless import Unique, Until
from workerless.flow.unique import Uniqueness
from workerless.record import Record
from workerless.states import State


def at_most_one_stands(history: History, rule: Uniqueness) -> Iterator[str]:
    """Of a key, until it is done or until a worker has claimed it."""
    standing: defaultdict[str, set[str]] = defaultdict(set)
    claimed: set[str] = set()
    for wrote in history.of(Wrote):
        job = wrote.after
        if job.state is State.PROCESSING:
            claimed.add(job.job_id)
        alike = standing[job.unique_key or ""]
        alike.discard(job.job_id)
        if _stands(rule, job, is_claimed=job.job_id in claimed):
            alike.add(job.job_id)
        if len(alike) > 1:
            yield f"{sorted(alike)} of one key stand beside each other"


def every_run_has_the_payload_of_its_record(history: History) -> Iterator[str]:
    """Whatever message led to it: the payload may have been replaced since that was sent."""
    digests: dict[str, str] = {}
    for _, event in history.events:
        if isinstance(event, Wrote):
            digests[event.after.job_id] = event.after.digest
        elif isinstance(event, Started) and event.digest != digests[event.job_id]:
            yield f"{event.job_id} ran with another payload than its record's"


def no_payload_is_replaced_once_its_job_has_begun(history: History) -> Iterator[str]:
    begun: set[str] = set()
    for _, event in history.events:
        if isinstance(event, Started):
            begun.add(event.job_id)
        elif isinstance(event, Wrote) and event.before is not None:
            changed = event.before.digest != event.after.digest
            if changed and event.after.job_id in begun:
                yield f"{event.after.job_id} had begun when its payload was replaced"


def keys_never_change(history: History) -> Iterator[str]:
    for wrote in history.of(Wrote):
        if wrote.after.unique_key is None:
            yield f"{wrote.after.job_id} has no key"
        elif wrote.before is not None and wrote.before.unique_key != wrote.after.unique_key:
            yield f"{wrote.after.job_id} changed its key"


def _stands(rule: Uniqueness, job: Record, *, is_claimed: bool) -> bool:
    if isinstance(rule, Unique) and rule.until is Until.DONE:
        return not job.state.is_terminal
    return job.state.is_waiting and not is_claimed


# What else must hold; a job's payload may change here.
OTHERS = (
    record.no_job_completes_twice,
    record.only_allowed_transitions,
    record.attempts_stay_within_their_limit,
    record.attempts_are_counted_as_documented,
    record.starts_are_bounded,
    record.no_live_lease_is_taken,
    record.no_job_runs_before_its_time,
    record.only_the_holder_of_the_lease_writes,
)
