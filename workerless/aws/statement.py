"""Writes as PartiQL statements, which DynamoDB takes 25 a call. Pure: texts, no calls.

The conditions are those of ``update.py``, spoken differently; PartiQL has neither OR beside a key
nor ``if_not_exists``.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Literal

from workerless.aws.item import Item
from workerless.aws.update import Update
from workerless.aws.value import Value
from workerless.frozen import frozen

_NAME_OR_VALUE = re.compile(r"#(\w+)|(:\w+)")
_LIST = re.compile(r"IN \(([^)]*)\)")


@frozen
class Statement:
    """A write to one item, with its parameters in the order of their question marks.

    ``returns`` tells that it answers with an item where it was carried out: the proof that it was.
    """

    text: str
    parameters: tuple[Value, ...]
    returns: bool


def insert(table: str, item: Item) -> Statement:
    """Create ``item``; refused as ``DuplicateItem`` where its key is taken."""
    values = ", ".join(f"'{name}': ?" for name in item)
    return Statement(
        text=f'INSERT INTO "{table}" VALUE {{{values}}}',
        parameters=tuple(item.values()),
        returns=False,
    )


def update(
    table: str,
    key: Mapping[str, Value],
    change: Update,
    *,
    returning: Literal["ALL NEW", "MODIFIED OLD"] | None,
) -> Statement:
    """``change`` where its condition holds."""
    kept = {name: value for name, value in change.changes.items() if value is not None}
    text, names = _update_text(
        table,
        key=tuple(key),
        kept=tuple(kept),
        computed=change.computed,
        removed=tuple(name for name, value in change.changes.items() if value is None),
        condition=f"{change.condition} RETURNING {returning} *" if returning else change.condition,
    )
    values = {
        **{f":new_{name}": value for name, value in kept.items()},
        **{f":key_{name}": value for name, value in key.items()},
        **change.values,
    }
    return Statement(
        text=text,
        parameters=tuple(values[name] for name in names),
        returns=returning is not None,
    )


def delete(table: str, key: Mapping[str, Value], only_if: Update) -> Statement:
    """Delete the item where the condition of ``only_if`` holds."""
    where = " AND ".join([*(f"#{name} = :key_{name}" for name in key), only_if.condition])
    spoken, names = _spoken(f"WHERE {where} RETURNING ALL OLD *")
    values = {**{f":key_{name}": value for name, value in key.items()}, **only_if.values}
    return Statement(
        text=f'DELETE FROM "{table}" {spoken}',  # noqa: S608 -- names of ours, values apart
        parameters=tuple(values[name] for name in names),
        returns=True,
    )


@lru_cache(maxsize=64)  # there are a dozen shapes, and a batch repeats one 25 times
def _update_text(
    table: str,
    *,
    key: tuple[str, ...],
    kept: tuple[str, ...],
    computed: tuple[str, ...],
    removed: tuple[str, ...],
    condition: str,
) -> tuple[str, tuple[str, ...]]:
    """An UPDATE, and whose values its question marks are."""
    clauses = [
        *(f"SET #{name} = :new_{name}" for name in kept),
        *(f"SET {one}" for one in computed),
        *(f"REMOVE #{name}" for name in removed),
    ]
    where = " AND ".join([*(f"#{name} = :key_{name}" for name in key), condition])
    spoken, names = _spoken(f"{' '.join(clauses)} WHERE {where}")
    return f'UPDATE "{table}" {spoken}', names


@lru_cache(maxsize=64)  # as above
def _spoken(expression: str) -> tuple[str, tuple[str, ...]]:
    """An expression with names quoted and values as question marks, and whose those are."""
    names = tuple(value for _, value in _NAME_OR_VALUE.findall(expression) if value)
    listed = _LIST.sub(r"IN [\1]", expression)
    return _NAME_OR_VALUE.sub(lambda m: f'"{m[1]}"' if m[1] else "?", listed), names
