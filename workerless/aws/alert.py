"""Telling people by an SNS topic; up to when they were told is one item of the stage's table."""

import json
from datetime import datetime
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from workerless.alert import Alert
from workerless.alert_ports import Rows
from workerless.aws.item import Item
from workerless.aws.table import Table
from workerless.aws.update import Update
from workerless.aws.value import instant, read_instant
from workerless.ports import Clock, Telemetry
from workerless.search import Hits, Search

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient

_KEY: Item = {"pk": {"S": "ALERTS"}, "sk": {"S": "FAILED"}}


class DynamoMark:
    """Written when something was told, and never put back."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def read(self) -> datetime | None:
        (item,) = self._table.read([_KEY])
        return None if item is None else read_instant(item["told_until"])

    def move(self, until: datetime) -> None:
        """Of two sweepers the later word stands."""
        self._table.update(
            _KEY,
            Update(
                condition="attribute_not_exists(#told_until) OR #told_until < :until",
                changes={"told_until": instant(until)},
                values={":until": instant(until)},
            ),
        )


class DynamoRows(Rows):
    """The rows of jobs that rest."""

    def __init__(self, table: Table, clock: Clock) -> None:
        self._table = table
        self._clock = clock

    def search(self, search: Search, *, limit: int = 100, cursor: str | None = None) -> Hits:
        from workerless.aws import searching  # noqa: PLC0415 -- only who tells people searches

        return searching.search(self._table, search, self._clock.now(), limit=limit, cursor=cursor)


class SnsTopic:
    """Subscribers may choose by the message's attributes: ``stage`` and ``job_types``.

    https://docs.aws.amazon.com/sns/latest/dg/sns-subscription-filter-policies.html
    """

    def __init__(self, client: "SNSClient", arn: str, telemetry: Telemetry) -> None:
        self._client = client
        self._arn = arn
        self._telemetry = telemetry

    def publish(self, alert: Alert) -> bool:
        """People are mailed text; who asks for JSON, as a queue or a function does, gets data."""
        job_types = json.dumps(alert.job_types)
        data = json.dumps(alert.shape())
        try:
            self._client.publish(
                TopicArn=self._arn,
                Subject=alert.subject,
                MessageStructure="json",
                Message=json.dumps(
                    {"default": alert.text(), "sqs": data, "lambda": data, "https": data}
                ),
                MessageAttributes={
                    "stage": {"DataType": "String", "StringValue": alert.stage},
                    "job_types": {"DataType": "String.Array", "StringValue": job_types},
                },
            )
        except (ClientError, BotoCoreError) as error:
            self._telemetry.trouble("alert_failed", error, topic=self._arn.rpartition(":")[2])
            return False
        return True
