"""What DynamoDB makes of our PartiQL, carried out on moto's tables.

moto's own parser takes no parameters in an INSERT and forgets conditions. This one knows our two
statements alone and says no to all else, with the codes of the service.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

from moto.dynamodb.exceptions import ConditionalCheckFailed
from moto.dynamodb.models import DynamoDBBackend

type Attributes = dict[str, Any]

_INSERT = re.compile(r'INSERT INTO "([\w.-]+)" VALUE \{(.+)\}')
_UPDATE = re.compile(
    r'UPDATE "(?P<table>[\w.-]+)" (?P<changes>SET .+) WHERE "pk" = \? AND "sk" = \? AND '
    r"(?P<condition>.+?)(?: RETURNING (?P<returning>ALL NEW|MODIFIED OLD) \*)?"
)
_CHANGE = re.compile(r"(?:SET|REMOVE) (?:(?! SET | REMOVE ).)+")
_ATTRIBUTE = re.compile(r"'(\w+)': \?")
_MAX_STATEMENTS = 25


@contextmanager
def spoken_by_moto() -> Iterator[None]:
    """Until the end, moto answers BatchExecuteStatement as the service does."""
    original = DynamoDBBackend.batch_execute_statement
    DynamoDBBackend.batch_execute_statement = _execute_all  # type: ignore[method-assign, assignment]
    try:
        yield
    finally:
        DynamoDBBackend.batch_execute_statement = original  # type: ignore[method-assign]


def _execute_all(
    backend: DynamoDBBackend, statements: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    assert 1 <= len(statements) <= _MAX_STATEMENTS
    touched: set[str] = set()
    answers = []
    for one in statements:
        text, parameters = one["Statement"], one["Parameters"]
        assert text.count("?") == len(parameters)
        inserted, updated = _INSERT.fullmatch(text), _UPDATE.fullmatch(text)
        if inserted:
            item = dict(zip(_ATTRIBUTE.findall(inserted[2]), parameters, strict=True))
            key, answer = item["pk"]["S"], partial(_insert, backend, inserted[1], item)
        elif updated:
            write = _Write(updated, parameters)
            key, answer = write.key["pk"]["S"], partial(_update, backend, write)
        else:
            answers.append(_refused("ValidationError"))
            continue
        # The service refuses a second statement on one item.
        answers.append(_refused("DuplicateItem") if key in touched else answer())
        touched.add(key)
    return answers


class _Write:
    """An UPDATE as the expressions of an UpdateItem."""

    def __init__(self, statement: re.Match[str], parameters: Sequence[Attributes]) -> None:
        self.table = statement["table"]
        self.returning = statement["returning"]
        self.values = {f":p{number}": value for number, value in enumerate(parameters)}
        self._numbers = iter(range(len(parameters)))
        changes = [self._spoken(change) for change in _CHANGE.findall(statement["changes"])]
        sets = [change.removeprefix("SET ") for change in changes if change.startswith("SET")]
        removes = [change.removeprefix("REMOVE ") for change in changes if change[0] == "R"]
        self.change = f"SET {', '.join(sets)}"
        if removes:
            self.change += f" REMOVE {', '.join(removes)}"
        self.key = {name: parameters[next(self._numbers)] for name in ("pk", "sk")}
        self.condition = f"attribute_exists(pk) AND {self._spoken(statement['condition'])}"
        self.names = {
            name: name[1:] for name in re.findall(r"#\w+", f"{self.change} {self.condition}")
        }

    def _spoken(self, text: str) -> str:
        numbered = re.sub(r"\?", lambda _: f":p{next(self._numbers)}", text)
        return re.sub(r'"(\w+)"', r"#\1", numbered).replace("[", "(").replace("]", ")")


def _insert(backend: DynamoDBBackend, table: str, item: Attributes) -> dict[str, Any]:
    if table not in backend.tables:
        return _refused("ResourceNotFound")
    try:
        backend.put_item(table, item, condition_expression="attribute_not_exists(pk)")
    except ConditionalCheckFailed:
        return _refused("DuplicateItem")
    return {"TableName": table}


def _update(backend: DynamoDBBackend, write: _Write) -> dict[str, Any]:
    if write.table not in backend.tables:
        return _refused("ResourceNotFound")
    before = backend.get_item(write.table, write.key)
    old: Attributes = before.to_json()["Attributes"] if before else {}
    try:
        after = backend.update_item(
            write.table,
            write.key,
            write.change,
            write.names,
            write.values,
            condition_expression=write.condition,
        )
    except ConditionalCheckFailed:
        refused = _refused("ConditionalCheckFailed")
        return {"Error": {**refused["Error"], **({"Item": old} if old else {})}}
    new: Attributes = after.to_json()["Attributes"]
    if write.returning is None:
        return {"TableName": write.table}
    if write.returning == "MODIFIED OLD":
        new = {name: value for name, value in old.items() if new.get(name) != value}
    return {"TableName": write.table, "Item": new}


def _refused(code: str) -> dict[str, Any]:
    return {"Error": {"Code": code, "Message": "refused"}}
