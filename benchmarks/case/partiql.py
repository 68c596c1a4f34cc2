"""What one might write by hand: Powertools for log and metric, two PartiQL batches a batch."""

import json
from collections.abc import Callable

import boto3
from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from pydantic import BaseModel

from benchmarks.batch import PAYLOADS, TYPE, event

_CLAIM = (
    'UPDATE "jobs" SET "state"=? SET "lease_token"=? SET "started_at"=? '
    'WHERE "pk"=? AND "sk"=? AND "state"=? RETURNING ALL NEW *'
)
_FINISH = (
    'UPDATE "jobs" SET "state"=? SET "finished_at"=? '
    'WHERE "pk"=? AND "sk"=? AND "state"=? AND "lease_token"=?'
)


class Greet(BaseModel):
    """Greets a customer."""

    customer_id: str
    name: str


def prepare() -> Callable[[], None]:
    client = boto3.client("dynamodb")
    logger, metrics = Logger(service="partiql"), Metrics(namespace="Partiql", service="partiql")
    records = event([json.dumps(data) for data in PAYLOADS])["Records"]

    def execute(statement: str, job_ids: list[str], *before: str, after: tuple[str, ...]) -> None:
        client.batch_execute_statement(
            Statements=[
                {
                    "Statement": statement,
                    "Parameters": [
                        {"S": value} for value in (*before, f"JOB#{job_id}", "RECORD", *after)
                    ],
                }
                for job_id in job_ids
            ]
        )

    @metrics.log_metrics
    def handler(_event: object, _context: object) -> None:
        job_ids = [record["messageId"] for record in records]
        execute(_CLAIM, job_ids, "processing", "token", "now", after=("pending",))
        for record in records:
            Greet.model_validate_json(record["body"])
            logger.info("job.completed", extra={"job_id": record["messageId"], "job_type": TYPE})
            metrics.add_metric(name="JobsCompleted", unit=MetricUnit.Count, value=1)
        execute(_FINISH, job_ids, "completed", "now", after=("processing", "token"))

    return lambda: handler({}, None)
