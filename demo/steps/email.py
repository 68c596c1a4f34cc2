"""Enqueue a job from Python, wait for it, use its result."""

from demo.expectation import expect
from demo.mailbox import mails
from demo.outcome import Outcome
from demo.run import PATIENCE, Run
from functions.send_email.job import SendEmail, send_email
from workerless import State
from workerless.local.seed import SENDER_DOMAIN


def show(run: Run) -> list[Outcome]:
    """One email, looked up in the mailbox of the local cloud."""
    email = SendEmail(
        email_id=f"welcome-{run.id}",
        to=f"ada.{run.id}@example.com",
        template="welcome",
        variables={"name": "Ada", "link": "https://example.com/sign-in"},
    )

    job = run.client.enqueue(send_email, email)
    run.screen.tell("job", job.id)
    with run.screen.live("waiting for it"):
        status = job.wait(PATIENCE)

    expect("state of the email's job", got=status.state, expected=State.COMPLETED)
    found = [mail for mail in mails(run.port) if mail.to == email.to]
    expect(
        f"subjects of emails to {email.to}",
        got=[mail.subject for mail in found],
        expected=["Welcome, Ada"],
    )
    domain = found[0].sender.rpartition("@")[2]
    expect("domain of the sender", got=domain, expected=SENDER_DOMAIN)
    run.screen.tell("from", found[0].sender)
    run.screen.tell("to", found[0].to)
    run.screen.tell("subject", found[0].subject)
    return [Outcome.of(status, step="email", happened="enqueued, sent, in the mailbox")]
