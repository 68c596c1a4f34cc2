"""The stores of flow control in one table, each made when it is first asked for."""

from typing import TYPE_CHECKING

from workerless.ports import Clock

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class DynamoFlow:
    """Those of one stage."""

    def __init__(self, client: "DynamoDBClient", table: str, clock: Clock) -> None:
        self._client, self._table, self._clock = client, table, clock
