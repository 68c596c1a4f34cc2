"""What must hold of every change of every record. A checker returns what broke its promise."""

from collections import Counter
from collections.abc import Iterator

from tests.simulation.checkpoint_checkers import begun_at, goes_on
from tests.simulation.history import Forgotten, History, Hooked, Repeated, Started, Wrote
from workerless.due import is_parked
from workerless.record import Record
from workerless.states import State, may_become
from workerless.tracking import Tracking

_REDRIVEN = {"digest", "body", "generation"}
_FIXED = (
    "job_id",
    "job_type",
    "digest",
    "body",
    "max_attempts",
    "enqueued_at",
    "generation",
    "tenant",
    "correlation_id",
)


def no_job_completes_twice(history: History) -> Iterator[str]:
    forgotten = _forgotten(history)
    completions = Counter(
        (wrote.after.job_id, wrote.after.generation)
        for wrote in history.of(Wrote)
        if wrote.after.state is State.COMPLETED
        and _state(wrote.before) is not State.COMPLETED
        and wrote.after.job_id not in forgotten
    )
    return (f"{job} completed {times} times" for job, times in completions.items() if times > 1)


def only_allowed_transitions(history: History) -> Iterator[str]:
    for wrote in history.of(Wrote):
        before, after = wrote.before, wrote.after
        if before is None:
            if after.state.is_terminal and after.filed_from is None:
                yield f"{after.job_id} was made {after.state}"
        elif wrote.call in ("progress", "remember", "checkpoint"):
            if before.state is not after.state:
                yield f"{after.job_id} went from {before.state} to {after.state} by {wrote.call}"
        elif not may_become(before.state, after.state) and not _is_replacement(wrote):
            yield f"{after.job_id} went from {before.state} to {after.state}"


def _is_replacement(wrote: Wrote) -> bool:
    """Another payload for a job that waits as it did."""
    before = wrote.before
    return wrote.call == "place" and before is not None and before.state is wrote.after.state


def what_a_job_is_never_changes(history: History) -> Iterator[str]:
    """But by a redrive: it begins a generation, and may bring another payload."""
    for wrote in history.of(Wrote):
        is_redrive = wrote.call == "redrive"
        for name in set(_FIXED) - (_REDRIVEN if is_redrive else set()):
            if wrote.before and getattr(wrote.before, name) != getattr(wrote.after, name):
                yield f"{wrote.after.job_id} changed its {name}"
        if is_redrive and wrote.before and wrote.after.generation != wrote.before.generation + 1:
            yield f"{wrote.after.job_id} was redriven into generation {wrote.after.generation}"


def attempts_stay_within_their_limit(history: History) -> Iterator[str]:
    for wrote in history.of(Wrote):
        if not 0 <= wrote.after.attempt <= wrote.after.max_attempts:
            yield f"{wrote.after.job_id} is at attempt {wrote.after.attempt}"
    for started in history.of(Started):
        if not 1 <= started.attempt <= started.max_attempts:
            yield f"{started.job_id} started attempt {started.attempt} of {started.max_attempts}"


def attempts_are_counted_as_documented(history: History) -> Iterator[str]:
    """A claim counts one, unless it takes over from company; waiting gives one back.

    Who has moved the cursor cost none, nor did those before.
    """
    begun = begun_at(history)
    for wrote in history.of(Wrote):
        change = wrote.after.attempt - (wrote.before.attempt if wrote.before else 0)
        if change != _documented_change(wrote, begun):
            yield f"{wrote.after.job_id}: {wrote.call} changed its attempts by {change}"


def starts_are_bounded(history: History) -> Iterator[str]:
    """No lease starts a handler twice, and no job starts more often than documented at one place.

    What is not counted: attempts given back, and those that died in company.
    """
    uncounted = {
        wrote.before.lease.token
        for wrote in history.of(Wrote)
        if wrote.before and wrote.before.lease and (_is_refund(wrote) or _is_from_company(wrote))
    }
    tokens = Counter(started.token for started in history.of(Started))
    for token, times in tokens.items():
        if times > 1:
            yield f"{token} started its handler {times} times"
    lives = generations(history)
    starts = Counter(
        (one.job_id, lives.get(one.token, 1), one.cursor)
        for one in history.of(Started)
        if one.token not in uncounted
    )
    most = {started.job_id: started.max_attempts for started in history.of(Started)}
    forgotten = _forgotten(history)
    for (job_id, _, _), times in starts.items():
        if times > most[job_id] and job_id not in forgotten:
            yield f"{job_id} started {times} times that count, of {most[job_id]}"


def who_takes_over_from_company_is_alone(history: History) -> Iterator[str]:
    for wrote in history.of(Wrote):
        if _is_from_company(wrote) and wrote.after.lease and not wrote.after.lease.alone:
            yield f"{wrote.after.job_id} was taken over from company, in company"


def only_who_was_alone_is_blamed_for_a_crash(history: History) -> Iterator[str]:
    for wrote in history.of(Wrote):
        lease = wrote.before.lease if wrote.before else None
        if wrote.call == "finish" and wrote.after.reason == "crash_loop":
            if lease is None or not lease.alone:
                yield f"{wrote.after.job_id} failed for a crash in company"
            elif wrote.after.attempt < wrote.after.max_attempts:
                yield f"{wrote.after.job_id} failed for a crash with attempts left"


def what_nobody_knows_is_not_repeated(history: History) -> Iterator[str]:
    """Where the job type says so: no claim takes over from an attempt that died."""
    if history.rest().repeats_the_unknown:
        return
    for wrote in history.of(Wrote):
        if wrote.call == "claim" and _state(wrote.before) is State.PROCESSING:
            yield f"{wrote.after.job_id} was taken over, though nobody knows what happened"


def no_live_lease_is_taken(history: History) -> Iterator[str]:
    """Live by the clock of whoever claims: two clocks never agree."""
    for wrote in history.of(Wrote):
        lease = wrote.before.lease if wrote.before else None
        is_taken = wrote.call == "claim" and _state(wrote.before) is State.PROCESSING
        if is_taken and lease and lease.until > wrote.now:
            yield f"{wrote.after.job_id} was taken from {lease.token} while it lived"


def no_job_runs_before_its_time(history: History) -> Iterator[str]:
    for wrote in history.of(Wrote):
        before = wrote.before
        was_told = before is not None and before.state in (State.SCHEDULED, State.RETRYING)
        is_begun = wrote.call == "claim" and was_told
        if is_begun and before and before.run_at > wrote.now:
            yield f"{wrote.after.job_id} was claimed {before.run_at - wrote.now} early"


def only_the_holder_of_the_lease_writes(history: History) -> Iterator[str]:
    for wrote in history.of(Wrote):
        if wrote.call in ("finish", "progress", "remember", "checkpoint"):
            lease = wrote.before.lease if wrote.before else None
            if lease is None or lease.token != wrote.token:
                yield f"{wrote.by} wrote {wrote.after.job_id} with a stale {wrote.token}"


def only_jobs_at_rest_are_given_up(history: History) -> Iterator[str]:
    for wrote in history.of(Wrote):
        before = wrote.before
        if wrote.call == "give up" and before is not None:
            at_work = before.state is State.PROCESSING and before.lease is not None
            if at_work and before.lease and before.lease.until > wrote.now:
                yield f"{before.job_id} was given up under {before.lease.token}"


def who_repeats_a_write_learns_that_it_won(history: History) -> Iterator[str]:
    for repeated in history.of(Repeated):
        if not repeated.is_won:
            yield f"{repeated.by} did not know its own {repeated.call} of {repeated.job_id}"


def hooks_are_called_once_a_transition(history: History) -> Iterator[str]:
    written: Counter[tuple[str, str]] = Counter()
    for wrote in history.of(Wrote):
        if wrote.call == "finish":
            written[_hook(wrote), wrote.after.job_id] += 1
    called = Counter((hooked.hook, hooked.job_id) for hooked in history.of(Hooked))
    for (hook, job_id), times in called.items():
        if times > written[hook, job_id]:
            yield f"{hook} of {job_id} was called {times} times, of {written[hook, job_id]}"


def lean_jobs_are_put_only_to_be_parked(history: History) -> Iterator[str]:
    """All others are made by their first claim."""
    if history.rest().tracking is not Tracking.LEAN:
        return
    for wrote in history.of(Wrote):
        after = wrote.after
        is_new = wrote.call == "put" and after.filed_from is None
        if is_new and not is_parked(after.run_at - after.enqueued_at):
            yield f"{wrote.by} put {after.job_id}, which is lean and not parked"


def _forgotten(history: History) -> set[str]:
    """Jobs whose records were deleted: under their ids a new life may begin."""
    return {forgotten.job_id for forgotten in history.of(Forgotten)}


def generations(history: History) -> dict[str, int]:
    """The generation of each lease, by its token."""
    return {
        wrote.token: wrote.after.generation
        for wrote in history.of(Wrote)
        if wrote.call == "claim" and wrote.token
    }


def _documented_change(wrote: Wrote, begun: dict[str, int | None]) -> int:
    spent = wrote.before.attempt if wrote.before else 0
    if wrote.call == "redrive":
        return -spent
    if goes_on(wrote, begun):
        return (wrote.call == "claim") - spent
    if wrote.call == "claim":
        return 0 if _is_from_company(wrote) else 1
    return -1 if _is_refund(wrote) else 0


def _is_from_company(wrote: Wrote) -> bool:
    before = wrote.before
    return (
        wrote.call == "claim"
        and before is not None
        and before.state is State.PROCESSING
        and before.lease is not None
        and not before.lease.alone
    )


def _is_refund(wrote: Wrote) -> bool:
    """A snooze, a start that came to nothing, or one of which nobody knows how it went."""
    before = wrote.before
    return (
        wrote.call == "finish"
        and before is not None
        and (
            wrote.after.state is State.HELD
            or (wrote.after.state is State.CANCELLED and wrote.after.started_at is None)
            or (wrote.after.state.is_waiting and wrote.after.errors == before.errors)
        )
    )


def _hook(wrote: Wrote) -> str:
    match wrote.after.state:
        case State.COMPLETED:
            return "on_success"
        case State.FAILED:
            return "on_failed"
        case _:
            return "on_retry"


def _state(record: Record | None) -> State | None:
    return record.state if record else None
