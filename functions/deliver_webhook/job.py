"""What the job type ``deliver_webhook`` is: one signed event, posted to a receiver's address."""

from datetime import timedelta
from typing import Annotated

from pydantic import AfterValidator, JsonValue, StringConstraints

from functions.deliver_webhook.url import check_url
from workerless import Allow, Exponential, JobType, Payload, Result


class DeliverWebhook(Payload):
    """One event for one receiver, signed as Standard Webhooks says.

    ``delivery_id`` is sent as ``webhook-id``, the same in every attempt: by it the receiver knows
    an event it has seen. ``event`` and ``body`` are posted as ``{"type": event, "data": body}``.
    """

    delivery_id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,128}$")]
    url: Annotated[str, AfterValidator(check_url)]
    event: Annotated[
        str, StringConstraints(max_length=128, pattern=r"^[a-z0-9_]+(?:\.[a-z0-9_]+)*$")
    ]
    body: dict[str, JsonValue]


class Delivered(Result):
    """The receiver took the event; ``status_code`` is its answer, 200 to 299."""

    status_code: int


deliver_webhook = JobType(
    name="deliver_webhook",
    payload=DeliverWebhook,
    result=Delivered,
    # 2 s, 8 s, 32 s ... 2 h: about three hours for a receiver to get well.
    retry=Exponential(attempts=8, first=timedelta(seconds=2), factor=4, cap=timedelta(hours=2)),
    timeout=timedelta(seconds=30),
    concurrency=10,
    batch_size=10,
    # The default key of SecureString (aws/ssm) is open to who may read the parameter; a key of your
    # own needs kms:Decrypt beside it.
    permissions=(
        Allow(
            actions=("ssm:GetParameter",),
            resources=(
                "arn:{partition}:ssm:{region}:{account}:parameter/workerless/{stage}/webhook-secret",
            ),
        ),
    ),
    environment={"WEBHOOK_SECRET_PARAMETER": "/workerless/{stage}/webhook-secret"},
)
