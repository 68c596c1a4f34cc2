"""A Celery worker: SQS transport, results in DynamoDB, each message processed and deleted.

From the message as kombu received it; receiving itself, which Lambda's poller does for the others,
is left out.
"""

import logging
from collections.abc import Callable
from functools import cache

from celery import Celery
from celery.worker.request import Request

from benchmarks import canned
from benchmarks.batch import JOB_IDS, PAYLOADS, TYPE, URL

_log = logging.getLogger("celery-case")


@cache
def application() -> Celery:
    """One task on one queue."""
    app = Celery(
        "benchmark", broker="sqs://", backend="dynamodb://@us-east-1/results?read=1&write=1"
    )
    app.conf.update(
        task_default_queue=TYPE,
        task_acks_late=True,
        worker_hijack_root_logger=False,
        broker_transport_options={
            "region": "us-east-1",
            "predefined_queues": {TYPE: {"url": URL}},
        },
    )

    @app.task(name=TYPE)
    def greet(customer_id: str, name: str) -> None:
        _log.info("job.completed customer=%s name=%s", customer_id, len(name))

    app.finalize()
    return app


def prepare() -> Callable[[], None]:
    app = application()
    greet = app.tasks[TYPE]
    for data in PAYLOADS:
        greet.apply_async(kwargs=data)
    channel = app.connection_for_read().channel()
    received = [
        {"MessageId": job_id, "ReceiptHandle": f"receipt-{job_id}", "Body": body}
        for job_id, body in zip(JOB_IDS, canned.sent_bodies, strict=True)
    ]

    def run() -> None:
        for raw in received:
            payload = channel._message_to_python(dict(raw), TYPE, URL)  # noqa: SLF001 -- kombu's own loop calls it
            message = channel.Message(payload, channel=channel)
            channel.qos.append(message, message.delivery_tag)
            request = Request(message, app=app, task=greet, on_ack=lambda *_a, m=message: m.ack())
            request.execute()

    return run
