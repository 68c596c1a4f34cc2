"""The sweeper at the dead-letter queues: letters are explained, sent back, dropped, archived.

Whatever follows a letter is stored or sent before the letter is deleted: who dies in between leaves
it twice, never not at all. Doing the same again is harmless: a message that was sent back twice is
a duplicate, which the claim knows, a letter may be there twice, and a file is written over itself.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

from workerless.errors import QueueUnavailableError, StoreUnavailableError
from workerless.execution.filing import Filing, file_all, filing
from workerless.execution.giving_up import failed_line
from workerless.execution.letter import Fate, File, Letter, Return, judge_letter, letter_of
from workerless.execution.letter_step import Deed, Step, step
from workerless.execution.reading import Absent, read_each
from workerless.execution.sweep import Sweeper
from workerless.ports import Address, Hide
from workerless.record import Record

# A run looks at so many letters of a queue, and holds so many of them in memory at a time.
LOOKS, _PAGE = 100, 50
# Then a queue that is fuller than that is gone through slowly, again and again.
_HIDDEN = timedelta(minutes=10)
RETURNS = 20


def sweep_letters(address: Address, sweeper: Sweeper, *, looks: int = LOOKS) -> Counter[Deed]:
    """Look at the dead letters of one job type, until enough were seen, none is left or time ends.

    Those that stay can be received by others as soon as all are seen. In a queue with more than
    ``looks`` they stay hidden for ten minutes, so that the next run sees others.
    """
    done: Counter[Deed] = Counter()
    kept: list[Hide] = []
    # What is filed goes: however many there are, none is in the way of the others.
    while done[Deed.SEEN] - done[Deed.FILED] < looks and sweeper.has_time():
        try:
            page = sweeper.queue.receive(address.dead_letters, limit=_PAGE, hide=_HIDDEN)
        except QueueUnavailableError as error:
            sweeper.telemetry.trouble("letters_unread", error, job_type=address.job_type)
            break
        if not page:  # whatever is not shown again comes back by itself
            sweeper.queue.hide_many(address.dead_letters, kept)
            break
        letters = [letter_of(one, address.job_type, sweeper.blobs.bucket) for one in page]
        taken = _carry_out(
            _plan(letters, address, sweeper, returns=RETURNS - done[Deed.RETURNED]),
            address,
            sweeper,
        )
        gone = {one.letter.arrival.receipt for one in taken}
        left = [one.receipt for one in page if one.receipt not in gone]
        kept += [Hide(receipt=receipt, delay=timedelta(0)) for receipt in left]
        done[Deed.SEEN] += len(page)
        done.update(one.deed for one in taken)
    return done


def _plan(
    letters: Sequence[Letter], address: Address, sweeper: Sweeper, *, returns: int
) -> list[Step]:
    """A step for each letter that shall not stay as it is; so many of them ``returns`` at most.

    One about whose job the store does not tell stays until the next run.
    """
    answers = read_each(
        [letter.job_id for letter in letters],
        sweeper.store,
        sweeper.telemetry,
        has_time=sweeper.has_time,
    )
    steps: list[Step] = []
    filings: list[Filing] = []
    for letter, answer in zip(letters, answers, strict=True):
        if answer is None or answer is Absent.UNREADABLE:
            continue
        record = None if isinstance(answer, Absent) else answer
        fate = judge_letter(letter, record, sweeper.clock.now())
        if isinstance(fate, File):
            filings.append(filing(letter, fate, sweeper.clock.now()))
        if isinstance(fate, Return):
            returns -= 1
            if returns < 0:
                continue
        planned = _step(fate, letter, record, address, sweeper)
        if planned is not None:
            steps.append(planned)
    filed = file_all(filings, sweeper)
    _tell_filed([one for one in filings if one.letter in filed], sweeper)
    return steps + [Step(letter=letter, deed=Deed.FILED) for letter in filed]


def _tell_filed(filings: Sequence[Filing], sweeper: Sweeper) -> None:
    """A job that fails here; where a letter is ours, a worker has told of it."""
    for one in filings:
        if one.letter.reason is None:
            sweeper.telemetry.transition(failed_line(one.record))


def _step(
    fate: Fate, letter: Letter, record: Record | None, address: Address, sweeper: Sweeper
) -> Step | None:
    try:
        return step(fate, letter, record, address, sweeper)
    except StoreUnavailableError as error:
        sweeper.telemetry.trouble("store_unavailable", error, job_id=letter.job_id)
        return None


def _carry_out(steps: Sequence[Step], address: Address, sweeper: Sweeper) -> list[Step]:
    """Send all successors, then delete the letters whose own was accepted: the steps taken."""
    safe = [one for one in steps if one.successor is None]
    for to in (*address.queues, address.dead_letters):
        going = [(one, one.successor) for one in steps if one.successor and one.to == to]
        answers = sweeper.queue.send_many(to, [successor for _, successor in going])
        for (one, _), failure in zip(going, answers, strict=True):
            if failure is None:
                safe.append(one)
            else:
                _trouble("letter_not_sent", one, failure.code, sweeper)
    _delete(safe, address, sweeper)
    for one in safe:
        sweeper.telemetry.transition(_line(one))
    return safe


def _delete(steps: Sequence[Step], address: Address, sweeper: Sweeper) -> None:
    receipts = [one.letter.arrival.receipt for one in steps]
    answers = sweeper.queue.delete_many(address.dead_letters, receipts)
    for one, failure in zip(steps, answers, strict=True):
        if failure is not None:  # it is looked at again
            _trouble("letter_not_deleted", one, failure.code, sweeper)


def _trouble(event: str, one: Step, code: str, sweeper: Sweeper) -> None:
    sweeper.telemetry.trouble(event, None, job_id=one.letter.job_id, code=code)


def _line(one: Step) -> dict[str, str | int | float | None]:
    letter = one.letter
    told = one.successor.attributes if one.successor else letter.attributes
    return {
        "event": f"letter.{one.deed.value}",
        "job_id": letter.job_id,
        "job_type": letter.arrival.message.job_type,
        "message_id": letter.arrival.message_id,
        "reason": told.get("reason"),
    }
