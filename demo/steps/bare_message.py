"""Any service in any language can enqueue: it finds the queue by name and sends JSON.

The only thing it has to know is the name of the job type; the message is its payload.
"""

import json

import boto3

from demo.expectation import expect
from demo.outcome import Outcome
from demo.run import PATIENCE, Run
from workerless import State


def show(run: Run) -> list[Outcome]:
    """Sent without Workerless; the job bears the id that SQS gave the message."""
    message_id = _send(
        {
            "email_id": f"reminder-{run.id}",
            "to": f"grace.{run.id}@example.com",
            "template": "reminder",
            "variables": {
                "name": "Grace",
                "task": "The quarterly report",
                "due": "tomorrow",
                "link": "https://example.com/tasks/7",
            },
        }
    )
    run.screen.tell("message", message_id)

    with run.screen.live("waiting for it"):
        status = run.client.job(message_id).wait(PATIENCE)

    expect("state of the bare message's job", got=status.state, expected=State.COMPLETED)
    run.screen.tell("job", f"{status.id}, the same id: {status.state}")
    return [Outcome.of(status, step="bare message", happened="sent with boto3 alone")]


def _send(payload: dict[str, object]) -> str:
    parameter = boto3.client("ssm").get_parameter(Name="/workerless/local/job-types/send_email")
    queue = json.loads(parameter["Parameter"]["Value"])["queue"]
    sent = boto3.client("sqs").send_message(QueueUrl=queue, MessageBody=json.dumps(payload))
    return sent["MessageId"]
