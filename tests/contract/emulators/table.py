"""DynamoDB and S3: where the emulators and AWS part."""

import uuid
from typing import Any

from tests.contract.emulators.difference import Aws, Difference, answer


def _table(aws: Aws) -> str:
    name = f"table-{uuid.uuid4()}"
    aws("dynamodb").create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
    )
    return name


def _repeated_transaction(aws: Aws) -> str:
    table, token = _table(aws), str(uuid.uuid4())
    add = {
        "TableName": table,
        "Key": {"pk": {"S": "n"}},
        "UpdateExpression": "ADD n :one",
        "ExpressionAttributeValues": {":one": {"N": "1"}},
    }

    def transact() -> None:
        aws("dynamodb").transact_write_items(
            TransactItems=[{"Update": add}], ClientRequestToken=token
        )

    transact()
    said = answer(transact)
    item = aws("dynamodb").get_item(TableName=table, Key={"pk": {"S": "n"}})["Item"]
    return f"{said}, {item['n']['N']}"


def _partiql(where: str) -> Any:
    def ask(aws: Aws) -> str:
        table = _table(aws)
        aws("dynamodb").put_item(TableName=table, Item={"pk": {"S": "k"}, "a": {"N": "1"}})
        statement = f'UPDATE "{table}" SET b=1 WHERE {where} RETURNING ALL NEW *'  # noqa: S608 -- our own
        (one,) = aws("dynamodb").batch_execute_statement(Statements=[{"Statement": statement}])[
            "Responses"
        ]
        return str(one.get("Error", {"Code": "accepted"})["Code"])

    return ask


def _batch_of(count: int) -> Any:
    def ask(aws: Aws) -> str:
        table = _table(aws)
        puts = [{"PutRequest": {"Item": {"pk": {"S": str(n)}}}} for n in range(count)]
        return answer(lambda: aws("dynamodb").batch_write_item(RequestItems={table: puts}))

    return ask


def _expired(aws: Aws) -> str:
    """AWS deletes within days; an emulator at once would hide a reader that does not look."""
    table = _table(aws)
    aws("dynamodb").update_time_to_live(
        TableName=table, TimeToLiveSpecification={"Enabled": True, "AttributeName": "ttl"}
    )
    aws("dynamodb").put_item(TableName=table, Item={"pk": {"S": "old"}, "ttl": {"N": "1"}})
    found = aws("dynamodb").get_item(TableName=table, Key={"pk": {"S": "old"}})
    return "readable" if "Item" in found else "gone"


def _busy(aws: Aws) -> str:
    """A table with room for one write a second, in one second of many."""
    table = f"table-{uuid.uuid4()}"
    aws("dynamodb").create_table(
        TableName=table,
        BillingMode="PROVISIONED",
        ProvisionedThroughput={"ReadCapacityUnits": 1, "WriteCapacityUnits": 1},
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
    )
    item = {"pk": {"S": "hot"}, "text": {"S": "x" * 100_000}}
    return answer(lambda: [aws("dynamodb").put_item(TableName=table, Item=item) for _ in range(8)])


DIFFERENCES = (
    Difference(
        what="a transaction repeated under its token",
        ask=_repeated_transaction,
        local="accepted, 1",
        moto="accepted, 2",
    ),
    Difference(
        what="PartiQL with OR", ask=_partiql("pk='k' AND (a=1 OR a=2)"), local="ValidationError"
    ),
    Difference(what="PartiQL with a condition", ask=_partiql("pk='k' AND a=1"), local="accepted"),
    Difference(
        what="26 writes in a batch", ask=_batch_of(26), local="ValidationException", moto="accepted"
    ),
    Difference(what="expired items", ask=_expired, local="readable", moto="readable"),
    Difference(what="throttling", ask=_busy, local="accepted", moto="accepted"),
)
