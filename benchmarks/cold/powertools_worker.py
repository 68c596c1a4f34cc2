"""The same of Powertools' Logger, Metrics and batch, pydantic, and two clients of boto3."""

from typing import Any

import boto3
from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    process_partial_response,
)
from pydantic import BaseModel


class Greet(BaseModel):
    """Greets a customer."""

    customer_id: str
    name: str


logger, metrics = Logger(service="greet"), Metrics(namespace="Greet", service="greet")
processor = BatchProcessor(event_type=EventType.SQS)
dynamodb, sqs = boto3.client("dynamodb"), boto3.client("sqs")


def handler(event: dict[str, Any], context: Any) -> Any:
    """One invocation."""
    return process_partial_response(
        event=event,
        record_handler=lambda record: Greet.model_validate_json(record.body),
        processor=processor,
        context=context,
    )
