"""Many jobs in one call, and how fast they are done."""

from collections import Counter

from demo.expectation import expect
from demo.mailbox import mails
from demo.outcome import Outcome
from demo.run import Run, ends
from functions.send_email.job import SendEmail, send_email
from workerless import State

_COUNT = 200


def show(run: Run) -> list[Outcome]:
    """Reminders to two hundred people, one each."""
    emails = [_reminder(run, number) for number in range(_COUNT)]

    with run.screen.bar("emails", _COUNT) as redraw:
        jobs = run.client.enqueue_many(send_email, emails)
        ended = []
        for status in ends(jobs):
            ended.append(status)
            redraw(len(ended))

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
