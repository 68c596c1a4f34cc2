"""The work of ``send_email``.

SES has no idempotency token: when its answer is lost, the next attempt sends the email again. The
tags ``email_id`` and ``job_id`` show such twins in SES's events.
"""

import os
from functools import cache
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from functions.send_email.job import EmailSent, SendEmail, send_email
from functions.send_email.refusal import judge
from functions.send_email.sender import read_sender
from functions.send_email.template import Email, render
from workerless.execution.context import JobContext
from workerless.worker import worker

if TYPE_CHECKING:
    from mypy_boto3_sesv2.client import SESV2Client
    from mypy_boto3_sesv2.type_defs import MessageTypeDef

# No retries below ours: a retry inside boto3 after a lost answer would send twice, unseen.
_ONE_TRY = Config(
    connect_timeout=3, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 1}
)


def perform(email: SendEmail, job: JobContext) -> EmailSent:
    """Send one email through the stage's SES; see ``send``."""
    return send(email, job, ses=ses_client(), sender=read_sender(os.environ))


def send(email: SendEmail, job: JobContext, *, ses: "SESV2Client", sender: str) -> EmailSent:
    """Raises ``Fail`` for what SES will never take, ``Snooze`` while all sending is paused."""
    try:
        answer = ses.send_email(
            FromEmailAddress=sender,
            Destination={"ToAddresses": [email.to]},
            Content={"Simple": _message(render(email.template, email.variables))},
            EmailTags=[
                {"Name": "email_id", "Value": email.email_id},
                {"Name": "job_id", "Value": _tag_value(job.job_id)},
            ],
        )
    except ClientError as error:
        if signal := judge(error):
            raise signal from error
        raise
    return EmailSent(message_id=answer["MessageId"])


@cache
def ses_client() -> "SESV2Client":
    """One client per execution environment."""
    return boto3.Session().client("sesv2", config=_ONE_TRY)


def _message(email: Email) -> "MessageTypeDef":
    return {
        "Subject": {"Data": email.subject, "Charset": "UTF-8"},
        "Body": {
            "Text": {"Data": email.text, "Charset": "UTF-8"},
            "Html": {"Data": email.html, "Charset": "UTF-8"},
        },
    }


def _tag_value(job_id: str) -> str:
    """A job id may hold ``.`` and ``:``, a tag of SES only letters, digits, ``_`` and ``-``."""
    return job_id.replace(".", "_").replace(":", "_")


handler = worker(send_email)(perform)
