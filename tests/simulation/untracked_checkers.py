"""What must hold of jobs without records: less than of others, but nothing is ever lost."""

from collections.abc import Iterator

from tests.simulation.history import (
    Accepted,
    Acknowledged,
    Blown,
    Deleted,
    Ended,
    History,
    Outlived,
    Sent,
    Started,
    Wrote,
)
from tests.simulation.letters import own_id


def no_job_is_recorded(history: History) -> Iterator[str]:
    for wrote in history.of(Wrote):
        if wrote.after.filed_from is None:
            yield f"{wrote.by} made a record of {wrote.after.job_id}"


def every_untracked_job_ends(history: History) -> Iterator[str]:
    """A worker said so, or SQS moved its message to the dead letters."""
    ended = {one.job_id for one in history.of(Ended)} | _moved(history)
    for accepted in history.of(Accepted):
        if accepted.job_id not in ended:
            yield f"{accepted.job_id} was accepted and never ended"


def only_an_ended_job_loses_its_last_message(history: History) -> Iterator[str]:
    ended: set[tuple[str, str]] = set()
    for _, event in history.events:
        if isinstance(event, Ended):
            ended.add((event.by, event.job_id))
        elif isinstance(event, Acknowledged):
            is_needed = not event.others and (event.by, event.job_id) not in ended
            if is_needed:
                yield f"{event.by} let go of {event.message_id}, the last of {event.job_id}"


def every_untracked_failure_has_its_letter(history: History) -> Iterator[str]:
    """Under its own id, where that of its record is another: two messages had the same."""
    rest = history.rest()
    own = {wrote.after.job_id: own_id(wrote.after) for wrote in history.of(Wrote)}
    there = {letter.job_id for letter in rest.letters} | decided(history)
    completed = {one.job_id for one in history.of(Ended) if one.event != "job.failed"}
    for ended in history.of(Ended):
        is_owed = rest.wants_letters and ended.event == "job.failed"
        # Its letter was not accepted, so it ran once more, and well.
        if is_owed and own.get(ended.job_id, ended.job_id) not in there | completed:
            yield f"{ended.job_id} failed and has no dead letter"


def every_untracked_letter_is_of_a_failure(history: History) -> Iterator[str]:
    """Or of a message that SQS moved: then the sweeper says why."""
    failed = _moved(history)
    failed |= {one.job_id for one in history.of(Ended) if one.event == "job.failed"}
    for letter in history.rest().letters:
        if "reason" in letter.attributes and letter.job_id not in failed:
            yield f"{letter.job_id} has a letter for {letter.attributes['reason']}, unfailed"


def attempts_are_counted_by_receives(history: History) -> Iterator[str]:
    for started in history.of(Started):
        if not 1 <= started.attempt <= started.max_attempts:
            yield f"{started.job_id} started attempt {started.attempt} of {started.max_attempts}"


def no_untracked_message_outlives_its_queue(history: History) -> Iterator[str]:
    ended = {one.job_id for one in history.of(Ended)}
    for gone in history.of(Outlived):
        if gone.job_id not in ended:
            yield f"{gone.message_id} of {gone.job_id} was deleted for its age"


def what_was_filed_goes_once_it_was_sent(history: History) -> Iterator[str]:
    """Under its own id, or that of its record; what is filed again of a letter was sent before."""
    letters: set[str | None] = set()
    unsent: dict[str, set[str]] = {}
    for _, event in history.events:
        match event:
            case Wrote(before=None, after=after) if after.filed_from not in letters:
                letters.add(after.filed_from)
                unsent[after.job_id] = {after.job_id, own_id(after)}
            case Sent(is_letter=False, job_id=job_id):
                unsent = {one: ids for one, ids in unsent.items() if job_id not in ids}
            case Deleted(by=by, job_id=job_id) if job_id in unsent:
                yield f"{by} deleted {job_id}, which was not sent"
            case _:
                pass


def decided(history: History) -> set[str]:
    """Jobs that nobody wanted any more."""
    return {own_id(wrote.after) for wrote in history.of(Wrote) if wrote.call == "dismiss"}


def _moved(history: History) -> set[str]:
    return {blown.job_id for blown in history.of(Blown)}
