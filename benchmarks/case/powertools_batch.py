"""Powertools' batch processor, a pydantic payload, a log line and a metric a message; no store."""

import json
from collections.abc import Callable
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    process_partial_response,
)
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from pydantic import BaseModel

from benchmarks.batch import PAYLOADS, TYPE, Context, event

logger = Logger(service="benchmark")
metrics = Metrics(namespace="Benchmark", service="benchmark")


class Greet(BaseModel):
    """Greets a customer."""

    customer_id: str
    name: str


def work(record: SQSRecord) -> None:
    Greet.model_validate_json(record.body)
    logger.info("job.completed", extra={"job_id": record.message_id, "job_type": TYPE})
    metrics.add_metric(name="JobsCompleted", unit=MetricUnit.Count, value=1)


def prepare() -> Callable[[], None]:
    return prepared(work)


def prepared(handle: Callable[[SQSRecord], None]) -> Callable[[], None]:
    """One invocation over the batch, with ``handle`` for each record."""
    processor = BatchProcessor(event_type=EventType.SQS)
    batch, context = event([json.dumps(data) for data in PAYLOADS]), Context()

    @metrics.log_metrics
    def handler(event: dict[str, Any], context: Any) -> Any:
        return process_partial_response(
            event=event, record_handler=handle, processor=processor, context=context
        )

    def run() -> None:
        answer = handler(batch, context)
        assert answer == {"batchItemFailures": []}, answer

    return run
