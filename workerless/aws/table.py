"""The calls a store makes on its table, with one kind of failure: ``StoreUnavailableError``."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from itertools import batched
from typing import TYPE_CHECKING, cast

from workerless.aws.fault import NO_ANSWER, code_of, reasons_of
from workerless.aws.item import Item
from workerless.aws.statement import Statement
from workerless.aws.update import Update, names_in
from workerless.aws.value import Value, text
from workerless.errors import StoreUnavailableError
from workerless.frozen import frozen
from workerless.ports import Clock
from workerless.spread import Spread, in_turn

if TYPE_CHECKING:
    from botocore.exceptions import ClientError
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import (
        BatchStatementRequestTypeDef,
        BatchStatementResponseTypeDef,
        ConditionCheckTypeDef,
        DeleteItemInputTypeDef,
        PutItemInputTypeDef,
        QueryInputTypeDef,
        QueryOutputTypeDef,
        TransactWriteItemTypeDef,
    )

_MAX_KEYS_PER_READ = 100
# A service without PartiQL, or a role without the right to it.
_NOT_SPOKEN = {"ValidationException", "AccessDeniedException", "UnknownOperationException"}
# Of each item of a transaction that came to nothing because of others.
_CONTENDED = {"None", "ConditionalCheckFailed", "TransactionConflict"}
# A transaction takes milliseconds; by the last wait (0.3 s) it is no passing one.
_CONFLICT_WAITS = tuple(timedelta(milliseconds=20) * 2**n for n in range(5))
# DynamoDB hands back what it had no capacity for; by the last wait (3.2 s) it is no passing peak.
_READ_WAITS = tuple(timedelta(milliseconds=50) * 2**n for n in range(7))


@frozen
class Refused:
    """The condition did not hold for ``old``, which is all that stood there (None: nothing).

    ``retried`` tells that the call was made more than once, so the old item may be its own work.
    """

    old: Item | None
    retried: bool


@frozen
class Answer:
    """What became of one statement of a batch.

    ``code`` is why it was refused and ``old`` what stood there, if the service tells; ``item`` is
    what it returned. ``retried`` is as in ``Refused``, for the whole batch.
    """

    code: str | None
    item: Item | None
    old: Item | None
    retried: bool


class Table:
    """One table. Reads are consistent except through an index.

    Those of more than a hundred items take several calls, as ``spread`` has it.
    """

    def __init__(
        self, client: "DynamoDBClient", name: str, clock: Clock, spread: Spread = in_turn
    ) -> None:
        self._client = client
        self.name = name
        self._clock = clock
        self._spread = spread

    def put(
        self,
        item: Item,
        *,
        condition: str | None = None,
        values: Mapping[str, Value] | None = None,
    ) -> Refused | None:
        """Write a whole item; the condition may only name attributes that are no reserved words."""
        parameters: PutItemInputTypeDef = {"TableName": self.name, "Item": item}
        if condition:
            parameters["ConditionExpression"] = condition
            parameters["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
        if values:
            parameters["ExpressionAttributeValues"] = values
        with self._answering("PutItem"):
            try:
                self._unhindered(lambda: self._client.put_item(**parameters))
            except self._client.exceptions.ConditionalCheckFailedException as refusal:
                return _refused(refusal)
        return None

    def update(self, key: Mapping[str, Value], update: Update) -> Item | Refused:
        """The item after ``update``, or why it was refused."""
        with self._answering("UpdateItem"):
            try:
                told = update.parameters(self.name, key)
                return self._unhindered(lambda: self._client.update_item(**told))["Attributes"]
            except self._client.exceptions.ConditionalCheckFailedException as refusal:
                return _refused(refusal)

    def step(self, key: Mapping[str, Value], update: Update) -> "TransactWriteItemTypeDef":
        """``update`` as part of a transaction; one that changes nothing only has its condition."""
        told = update.parameters(self.name, key)
        only: ConditionCheckTypeDef = {
            "TableName": self.name,
            "Key": key,
            "ConditionExpression": update.condition,
            "ExpressionAttributeNames": names_in(update.condition),
            "ExpressionAttributeValues": update.values,
        }
        if not update.changes:
            return {"ConditionCheck": only}
        return {
            "Update": {
                "TableName": self.name,
                "Key": key,
                "ConditionExpression": update.condition,
                "UpdateExpression": told["UpdateExpression"],
                "ExpressionAttributeNames": told["ExpressionAttributeNames"],
                "ExpressionAttributeValues": told["ExpressionAttributeValues"],
            }
        }

    def transact(self, writes: "Sequence[TransactWriteItemTypeDef]") -> bool:
        """Make all of these writes; False, and none is made, where a condition does not hold.

        So it is too while another transaction is at one of the items.
        """
        with self._answering("TransactWriteItems"):
            try:
                self._client.transact_write_items(TransactItems=writes)
            except self._client.exceptions.TransactionCanceledException as refusal:
                if reasons_of(refusal) <= _CONTENDED:
                    return False
                raise
        return True

    def execute(self, statements: Sequence[Statement]) -> list[Answer] | None:
        """What became of each statement, in order; None where we may not send any of them."""
        sent: list[BatchStatementRequestTypeDef] = [
            {
                "Statement": one.text,
                "Parameters": one.parameters,
                "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
            }
            for one in statements
        ]
        with self._answering("BatchExecuteStatement"):
            try:
                answer = self._client.batch_execute_statement(Statements=sent)
            except self._client.exceptions.ClientError as refusal:
                if code_of(refusal) in _NOT_SPOKEN:
                    return None
                raise
            retried = answer["ResponseMetadata"]["RetryAttempts"] > 0
            answers = [_answer(one, retried=retried) for one in answer["Responses"]]
            if len(answers) != len(statements):
                raise LookupError(f"{len(answers)} answers to {len(statements)} statements")
            return answers

    def read(self, keys: Sequence[Mapping[str, Value]]) -> list[Item | None]:
        """The items with these keys, in order; None where there is none."""
        found: dict[tuple[str, str], Item] = {}
        wanted = {_identity(key): key for key in keys}  # DynamoDB refuses a key named twice
        names = list(wanted)
        chunks = [
            [wanted[name] for name in some]
            for some in batched(names, _MAX_KEYS_PER_READ, strict=False)
        ]
        for items in self._spread(self._read_chunk, chunks):
            found |= {_identity(item): item for item in items}
        return [found.get(_identity(key)) for key in keys]

    def query(self, parameters: "QueryInputTypeDef") -> "QueryOutputTypeDef":
        """One page of what lies in a partition (``query.py``); of an index, a moment behind."""
        with self._answering("Query"):
            answer = self._client.query(**parameters)
            if "Count" not in answer:  # a body cut on its way
                raise LookupError("no count")
            return answer

    def partition(self, pk: str, *, before: str | None, limit: int | None) -> list[Item]:
        """Items of one partition, the last first, from ``before`` (exclusive) on. Consistent."""
        parameters: QueryInputTypeDef = {
            "TableName": self.name,
            "KeyConditionExpression": "pk = :pk" + (" AND sk < :before" if before else ""),
            "ExpressionAttributeValues": {":pk": text(pk)},
            "ScanIndexForward": False,
            "ConsistentRead": True,
        }
        if before:
            parameters["ExpressionAttributeValues"] = {":pk": text(pk), ":before": text(before)}
        items: list[Item] = []
        while True:
            if limit is not None:
                parameters["Limit"] = limit - len(items)
            with self._answering("Query"):
                answer = self._client.query(**parameters)
                items += answer["Items"]
            after = answer.get("LastEvaluatedKey")
            if not after or len(items) == limit:
                return items
            parameters["ExclusiveStartKey"] = after

    def delete(
        self, key: Mapping[str, Value], *, condition: str, values: Mapping[str, Value]
    ) -> Refused | None:
        """Remove an item, if it is there and ``condition`` holds; or why that was refused."""
        parameters: DeleteItemInputTypeDef = {
            "TableName": self.name,
            "Key": key,
            "ConditionExpression": condition,
            "ExpressionAttributeValues": values,
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
        if names := names_in(condition):
            parameters["ExpressionAttributeNames"] = names
        with self._answering("DeleteItem"):
            try:
                self._unhindered(lambda: self._client.delete_item(**parameters))
            except self._client.exceptions.ConditionalCheckFailedException as refusal:
                return _refused(refusal)
        return None

    def _read_chunk(self, keys: Sequence[Mapping[str, Value]]) -> list[Item]:
        items: list[Item] = []
        for wait in _READ_WAITS:
            with self._answering("BatchGetItem"):
                answer = self._client.batch_get_item(
                    RequestItems={self.name: {"Keys": keys, "ConsistentRead": True}}
                )
                # A body cut on its way is an answer without this key, not one without items.
                items += answer["Responses"].get(self.name, [])
                left = answer.get("UnprocessedKeys", {}).get(self.name)
            if not left:
                return items
            keys = left["Keys"]
            self._clock.sleep(wait)
        raise StoreUnavailableError(
            f"table {self.name} left {len(keys)} keys unread after {len(_READ_WAITS)} tries; "
            "it is short of capacity"
        )

    def _unhindered[T](self, call: Callable[[], T]) -> T:
        """What ``call`` gives, made again while a transaction has its item in hand.

        botocore does not repeat it, and an attempt must not end unwritten for a producer's sake.
        """
        for wait in _CONFLICT_WAITS:
            try:
                return call()
            except self._client.exceptions.TransactionConflictException:
                self._clock.sleep(wait)
        return call()

    @contextmanager
    def _answering(self, call: str) -> Iterator[None]:
        try:
            yield
        except NO_ANSWER as error:
            raise StoreUnavailableError(
                f"{call} on table {self.name} got no answer: {code_of(error)}: {error}"
            ) from error


def _answer(response: "BatchStatementResponseTypeDef", *, retried: bool) -> Answer:
    error = response.get("Error")
    return Answer(
        code=error["Code"] if error else None,
        item=response.get("Item"),
        old=error.get("Item") if error else None,
        retried=retried,
    )


def _refused(refusal: "ClientError") -> Refused:
    return Refused(
        # botocore's types do not know that this one error carries an item beside its code.
        old=cast("Item | None", refusal.response.get("Item")),
        retried=refusal.response["ResponseMetadata"]["RetryAttempts"] > 0,
    )


def _identity(key: Item) -> tuple[str, str]:
    return key["pk"]["S"], key["sk"]["S"]
