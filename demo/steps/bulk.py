"""Many jobs in one call, and how fast they are done."""

import time
from collections import Counter, deque
from collections.abc import Callable, Iterable

from demo.expectation import expect
from demo.mailbox import mails
from demo.outcome import Outcome
from demo.run import PATIENCE, Run
from functions.send_email.job import EmailSent, SendEmail, send_email
from workerless import State
from workerless.errors import WaitTimeoutError
from workerless.handle import Job, JobStatus

_COUNT = 200
_ASKED_AT_ONCE = 20


def show(run: Run) -> list[Outcome]:
    """Reminders to two hundred people, one each."""
    emails = [_reminder(run, number) for number in range(_COUNT)]

    with run.screen.bar("emails", _COUNT) as redraw:
        ended = _follow(run.client.enqueue_many(send_email, emails), redraw)

    expect(
        "states of the bulk jobs",
        got=dict(Counter(status.state.value for status in ended)),
        expected={State.COMPLETED.value: _COUNT},
    )
    sent = Counter(mail.to for mail in mails(run.port))
    expect(
        "emails for each reader",
        got=dict(Counter(sent[email.to] for email in emails)),
        expected={1: _COUNT},
    )
    began = min(status.enqueued_at for status in ended)
    took = max(status.finished_at or began for status in ended) - began
    rate = _COUNT / took.total_seconds()
    run.screen.tell("jobs", f"{_COUNT} completed, one email each, in {took.total_seconds():.1f} s")
    run.screen.tell("speed", f"{rate:.0f} jobs a second, from the first enqueued to the last done")
    attempts = sorted({status.attempt for status in ended})
    return [
        Outcome(
            step="bulk",
            happened=f"{_COUNT} emails, {rate:.0f} jobs a second",
            state=State.COMPLETED,
            attempts="-".join(str(number) for number in attempts) + " each",
            took=took,
        )
    ]


def _follow(
    jobs: Iterable[Job[EmailSent]], redraw: Callable[[int], None]
) -> list[JobStatus[EmailSent]]:
    """Ask some of those that have not ended, in turn: to ask all each time would hold them up."""
    waiting, ended = deque(jobs), list[JobStatus[EmailSent]]()
    give_up_at = time.monotonic() + PATIENCE.total_seconds()
    while waiting:
        if time.monotonic() > give_up_at:
            raise WaitTimeoutError(f"{len(waiting)} bulk jobs have not ended after {PATIENCE}")
        for _ in range(min(len(waiting), _ASKED_AT_ONCE)):
            job = waiting.popleft()
            status = job.status()
            if status.state.is_terminal:
                ended.append(status)
            else:
                waiting.append(job)
        redraw(len(ended))
        time.sleep(0.05)
    return ended


def _reminder(run: Run, number: int) -> SendEmail:
    return SendEmail(
        email_id=f"bulk-{run.id}-{number}",
        to=f"reader{number}.{run.id}@example.com",
        template="reminder",
        variables={
            "name": f"Reader {number}",
            "task": "Your subscription",
            "due": "on Friday",
            "link": "https://example.com/renew",
        },
    )
