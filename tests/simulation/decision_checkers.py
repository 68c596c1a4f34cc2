"""What must hold of people's decisions about failed jobs."""

from collections import Counter
from collections.abc import Iterator

from tests.simulation.history import Decided, Forgotten, History, Sent, Wrote
from workerless.states import State
from workerless.tracking import Tracking


def only_failed_jobs_are_decided_about(history: History) -> Iterator[str]:
    for wrote in history.of(Wrote):
        was = wrote.before.state if wrote.before else None
        if wrote.call in ("redrive", "dismiss") and was is not State.FAILED:
            yield f"{wrote.by} decided about {wrote.after.job_id}, which was {was}"
        elif was is State.FAILED and wrote.call not in ("redrive", "dismiss"):
            yield f"{wrote.by} brought {wrote.after.job_id} back by {wrote.call}"


def each_decision_is_carried_out_once(history: History) -> Iterator[str]:
    times = Counter(
        (wrote.after.redriven_by if wrote.call == "redrive" else wrote.after.dismissed_by, job_id)
        for wrote in history.of(Wrote)
        if wrote.call in ("redrive", "dismiss")
        for job_id in [wrote.after.job_id]
    )
    for (by, job_id), many in times.items():
        if many > 1:
            yield f"{by} was carried out {many} times on {job_id}"


def who_decides_is_told_the_truth(history: History) -> Iterator[str]:
    """Done is what its own name stands under; what has moved on does so by another's hand.

    Of a job without a record nothing is left to tell.
    """
    if history.rest().tracking is Tracking.OFF:
        return
    forgotten = {one.job_id for one in history.of(Forgotten)}
    signed = {
        (by, wrote.after.job_id)
        for wrote in history.of(Wrote)
        if wrote.call in ("redrive", "dismiss")
        for by in (wrote.after.redriven_by, wrote.after.dismissed_by)
    }
    for told in history.of(Decided):
        is_true = (told.result == "done") == ((told.by, told.job_id) in signed)
        # Whose own work others have undone by then cannot find it any more.
        if not is_true and told.result != "skipped" and told.job_id not in forgotten:
            yield f"{told.by} was told {told.result} about {told.job_id}"


def no_message_is_ahead_of_its_record(history: History) -> Iterator[str]:
    forgotten = {one.job_id for one in history.of(Forgotten)}
    for sent in history.of(Sent):
        if sent.is_ahead and sent.job_id not in forgotten:
            yield f"{sent.by} sent {sent.job_id} before its record said so"
