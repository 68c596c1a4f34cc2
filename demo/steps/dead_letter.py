"""Jobs that cannot succeed are not tried for ever: they end in a dead-letter queue, with a reason.

What lies there can be read with plain boto3 (``demo/dead_letters.py``).
"""

import boto3

from demo import receiver
from demo.dead_letters import find_dead_letter
from demo.expectation import expect
from demo.outcome import Outcome
from demo.receiver import Answer
from demo.run import PATIENCE, Run
from demo.secret import webhook_secret
from functions.deliver_webhook.job import DeliverWebhook, deliver_webhook
from functions.send_email.job import send_email
from workerless import State
from workerless.aws.directory import SsmDirectory
from workerless.local.deploy import STAGE
from workerless.ports import Address


def show(run: Run) -> list[Outcome]:
    """One message that is no JSON, and one webhook whose receiver is gone for good."""
    directory = SsmDirectory(boto3.client("ssm"), STAGE)
    return [
        _poison(run, directory.find(send_email.name)),
        _gone(run, directory.find(deliver_webhook.name)),
    ]


def _poison(run: Run, address: Address) -> Outcome:
    body = f"Dear queue, please greet {run.id}"
    message_id = boto3.client("sqs").send_message(QueueUrl=address.queue, MessageBody=body)[
        "MessageId"
    ]
    run.screen.tell("message", body)
    return _ended(run, message_id, address, step="poison", reason="not_json")


def _gone(run: Run, address: Address) -> Outcome:
    with receiver.listening(webhook_secret(), Answer(status=410)) as shop:
        run.screen.tell("receiver", f"{shop.url} answers 410: gone")
        job = run.client.enqueue(
            deliver_webhook,
            DeliverWebhook(
                delivery_id=f"gone-{run.id}", url=shop.url, event="order.paid", body={"order": 7}
            ),
        )
        outcome = _ended(run, job.id, address, step="refused", reason="rejected")
    expect("deliveries to a receiver that is gone", got=len(shop.deliveries), expected=1)
    return outcome


def _ended(run: Run, job_id: str, address: Address, *, step: str, reason: str) -> Outcome:
    """Wait for a job to fail and for its dead letter, and show what that says."""
    with run.screen.live("waiting for it"):
        status = run.client.job(job_id).wait(PATIENCE)
        expect(f"end of the {step} job", got=status.state, expected=State.FAILED)
        letter = find_dead_letter(address.dead_letters, job_id)

    told = letter.attributes
    run.screen.tell("reason", f"{told['reason']}, in attempt {told['attempts']}")
    run.screen.tell("error", f"{told['error_type']}: {status.errors[-1].message}")
    expect("reason in the record", got=status.failed_reason, expected=reason)
    expect("reason in the dead letter", got=told["reason"], expected=reason)
    expect("body of the dead letter is ours", got=run.id in letter.body, expected=True)
    happened = f"dead letter: {told['reason']}"
    return Outcome.of(status, step=step, happened=happened)
