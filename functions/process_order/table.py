"""The shop's books in the stage's table: put your own database here."""

import os
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING

from functions.process_order.ledger import Entry
from functions.process_order.order import LEDGER
from workerless.aws.clock import SystemClock
from workerless.aws.item import Item
from workerless.aws.session import AwsClients
from workerless.aws.table import Table
from workerless.aws.value import number, text, texts
from workerless.environment import WorkerEnvironment

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import (
        PutTypeDef,
        TransactWriteItemTypeDef,
        UpdateTypeDef,
    )


class TableLedger:
    """See ``Ledger``: an item an entry, an item an account, a transaction a write."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def entry(self, name: str) -> Entry:
        [item] = self._table.read([_entry_key(name)])
        if item is None:
            return Entry(name=name)
        return Entry(
            name=name,
            version=int(item["version"]["N"]),
            by=item["by"]["S"] if "by" in item else None,
            moves={account: int(amount["N"]) for account, amount in item["moves"]["M"].items()},
            over=tuple(job["S"] for job in item["over"]["L"]),
        )

    def balance(self, account: str) -> int:
        [item] = self._table.read([_account_key(account)])
        return int(item["balance"]["N"]) if item else 0

    def write(self, entry: Entry, changes: Mapping[str, int]) -> bool:
        accounts = [self._change(account, amount) for account, amount in sorted(changes.items())]
        return self._table.transact([self._replace(entry), *accounts])

    def _replace(self, entry: Entry) -> "TransactWriteItemTypeDef":
        by = {} if entry.by is None else {"by": text(entry.by)}
        item: Item = {
            **_entry_key(entry.name),
            "version": number(entry.version),
            "moves": {"M": {account: number(amount) for account, amount in entry.moves.items()}},
            "over": texts(entry.over),
            **by,
        }
        put: PutTypeDef = {
            "TableName": self._table.name,
            "Item": item,
            "ConditionExpression": "attribute_not_exists(pk)",
        }
        if entry.version > 1:
            put["ConditionExpression"] = "#version = :before"
            put["ExpressionAttributeNames"] = {"#version": "version"}
            put["ExpressionAttributeValues"] = {":before": number(entry.version - 1)}
        return {"Put": put}

    def _change(self, account: str, amount: int) -> "TransactWriteItemTypeDef":
        # ADD begins at 0, so an account opens with what first comes in.
        update: UpdateTypeDef = {
            "TableName": self._table.name,
            "Key": _account_key(account),
            "UpdateExpression": "ADD #balance :amount",
            "ExpressionAttributeNames": {"#balance": "balance"},
            "ExpressionAttributeValues": {":amount": number(amount)},
        }
        if amount < 0:
            update["ConditionExpression"] = "#balance >= :least"
            update["ExpressionAttributeValues"] = {
                ":amount": number(amount),
                ":least": number(-amount),
            }
        return {"Update": update}


def _entry_key(name: str) -> Item:
    return {"pk": text(f"{LEDGER}ENTRY#{name}"), "sk": text("ENTRY")}


def _account_key(account: str) -> Item:
    return {"pk": text(f"{LEDGER}ACCOUNT#{account}"), "sk": text("ACCOUNT")}


def ledger_of(table: str) -> TableLedger:
    """The books in a table of this name."""
    return TableLedger(Table(aws_clients().dynamodb, table, SystemClock()))


def stage_ledger() -> TableLedger:
    """Those of the stage that this function is of."""
    return ledger_of(WorkerEnvironment.read(os.environ).table)


@cache
def aws_clients() -> AwsClients:
    """One per execution environment."""
    return AwsClients()
