"""What lies in one partition of an index or of the table, page by page."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from workerless.aws.item import Item
from workerless.aws.table import Table
from workerless.aws.value import Value

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import QueryInputTypeDef


@dataclass(frozen=True, slots=True, kw_only=True)
class Between:
    """Only items whose sort key ``name`` is neither before ``first`` nor after ``last``."""

    name: str
    first: Value
    last: Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Partition:
    """One partition of ``index``, or of the table itself."""

    table: Table
    key: Mapping[str, Value]
    index: str | None = None
    between: Between | None = None

    def latest(self, *, after: Item | None, page: int) -> Iterator[Item]:
        """The items, last first, read ``page`` at a time as asked for.

        ``after`` is the whole key, in index and table, of the item to go on from.
        """
        parameters = self._parameters()
        parameters["ScanIndexForward"] = False
        parameters["Limit"] = page
        while True:
            if after:
                parameters["ExclusiveStartKey"] = after
            answer = self.table.query(parameters)
            items, after = answer["Items"], answer.get("LastEvaluatedKey")
            yield from items
            if not after:
                return

    def earliest(self, limit: int) -> list[Item]:
        """The first ``limit`` items, in one call."""
        parameters = self._parameters()
        parameters["Limit"] = limit
        return list(self.table.query(parameters)["Items"])

    def count(self, only: str, values: Mapping[str, Value], *, at_most: int) -> int:
        """How many items there are for which ``only`` holds.

        Counted by the megabyte, until more than ``at_most`` are found.
        """
        parameters = self._parameters()
        parameters["Select"] = "COUNT"
        parameters["FilterExpression"] = only
        parameters["ExpressionAttributeValues"] = {**self._values(), **values}
        found = 0
        while found <= at_most:
            answer = self.table.query(parameters)
            found += answer["Count"]
            if not (after := answer.get("LastEvaluatedKey")):
                break
            parameters["ExclusiveStartKey"] = after
        return found

    def _parameters(self) -> "QueryInputTypeDef":
        names = list(self.key)
        conditions = [f"#{name} = :{name}" for name in names]
        if self.between:
            names.append(self.between.name)
            conditions.append(f"#{self.between.name} BETWEEN :first AND :last")
        parameters: QueryInputTypeDef = {
            "TableName": self.table.name,
            "KeyConditionExpression": " AND ".join(conditions),
            "ExpressionAttributeNames": {f"#{name}": name for name in names},
            "ExpressionAttributeValues": self._values(),
        }
        if self.index is not None:
            parameters["IndexName"] = self.index
        return parameters

    def _values(self) -> dict[str, Value]:
        values = {f":{name}": value for name, value in self.key.items()}
        if self.between:
            values |= {":first": self.between.first, ":last": self.between.last}
        return values
