"""The stores of flow control in one table, each made when it is first asked for."""

from functools import cached_property
from typing import TYPE_CHECKING

from workerless.aws.table import Table
from workerless.ports import Clock

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from workerless.aws.dynamodb import DynamoStore
    from workerless.aws.flow.breakers import DynamoBreakers
    from workerless.aws.flow.permits import DynamoPermits
    from workerless.aws.flow.rates import DynamoRates
    from workerless.aws.flow.settings import DynamoSettings


class DynamoFlow:
    """Those of one stage."""

    def __init__(self, client: "DynamoDBClient", table: str, clock: Clock) -> None:
        self._client, self._clock = client, clock
        self._table = Table(client, table, clock)

    @cached_property
    def settings(self) -> "DynamoSettings":
        from workerless.aws.flow.settings import DynamoSettings  # noqa: PLC0415 -- who asks pays

        return DynamoSettings(self._table)

    @cached_property
    def breakers(self) -> "DynamoBreakers":
        from workerless.aws.flow.breakers import DynamoBreakers  # noqa: PLC0415 -- as above

        return DynamoBreakers(self._table, self._clock)

    @cached_property
    def permits(self) -> "DynamoPermits":
        from workerless.aws.flow.permits import DynamoPermits  # noqa: PLC0415 -- as above

        return DynamoPermits(self._table)

    @cached_property
    def rates(self) -> "DynamoRates":
        from workerless.aws.flow.rates import DynamoRates  # noqa: PLC0415 -- as above

        return DynamoRates(self._table)

    @cached_property
    def jobs(self) -> "DynamoStore":
        from workerless.aws.dynamodb import DynamoStore  # noqa: PLC0415 -- as above

        return DynamoStore(self._client, self._table.name, self._clock)
