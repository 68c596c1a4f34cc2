"""The work of ``deliver_webhook``."""

import os
import ssl
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import boto3
import httpx
from botocore.config import Config

from functions.deliver_webhook.answer import judge
from functions.deliver_webhook.delivery import Sender
from functions.deliver_webhook.job import Delivered, DeliverWebhook, deliver_webhook
from functions.deliver_webhook.network import ForbiddenAddress
from functions.deliver_webhook.secret import SecretCache, read_secret
from functions.deliver_webhook.signature import Secret
from workerless import Fail
from workerless.worker import worker

if TYPE_CHECKING:
    from mypy_boto3_ssm.client import SSMClient

# "1" lets deliveries go to the machine itself, also in plain http: for the local stage alone.
ALLOW_LOOPBACK = "WEBHOOK_ALLOW_LOOPBACK"
_CONFIG = Config(
    connect_timeout=2, read_timeout=3, retries={"mode": "standard", "total_max_attempts": 2}
)


async def perform(webhook: DeliverWebhook) -> Delivered:
    """Deliver one event from this stage; see ``deliver``."""
    now = datetime.now(UTC)
    # Blocks the other deliveries of the batch for some milliseconds each five minutes, on purpose:
    # they wait for the one read instead of each doing its own.
    secret = secrets().get(now)
    return await deliver(webhook, sender=stage_sender(os.environ), secret=secret, now=now)


async def deliver(
    webhook: DeliverWebhook, *, sender: Sender, secret: Secret, now: datetime
) -> Delivered:
    """Raises ``Fail`` for a receiver that will never take it, ``RetryAfter`` when it says when."""
    if urlsplit(webhook.url).scheme != "https" and not sender.allow_loopback:
        raise Fail("url must start with https:// in this stage")
    try:
        answer = await sender.post(webhook, secret=secret, now=now)
    except ForbiddenAddress as error:
        raise Fail(str(error)) from error
    if problem := judge(answer.status, retry_after=answer.retry_after, now=now):
        raise problem
    return Delivered(status_code=answer.status)


def stage_sender(variables: Mapping[str, str]) -> Sender:
    """How deliveries leave this stage."""
    return Sender(ssl_context=ssl_context(), allow_loopback=variables.get(ALLOW_LOOPBACK) == "1")


@cache
def ssl_context() -> ssl.SSLContext:
    """The certificates of certifi: reading them takes 20 ms, so once per execution environment."""
    return httpx.create_ssl_context(trust_env=False)


@cache
def secrets() -> SecretCache:
    """One cache per execution environment."""
    return SecretCache(read=lambda: read_secret(ssm_client(), os.environ))


@cache
def ssm_client() -> "SSMClient":
    """One client per execution environment."""
    return boto3.Session().client("ssm", config=_CONFIG)


handler = worker(deliver_webhook)(perform)
