"""Permits and lines of concurrency keys in the stage's table.

``SEMAPHORE#<name>``/``PERMITS`` is one key: an attribute a holder, how many there are, whether
there is a line, and a version. Beside it lies an item for each job in the line, the longest waiting
first. What nobody has touched for two days goes by itself.
"""

import hashlib
from collections.abc import Sequence
from datetime import timedelta

from workerless.aws.item import Item
from workerless.aws.table import Refused, Table
from workerless.aws.update import Update
from workerless.aws.value import Value, expiry, instant, number, read_instant, text
from workerless.flow.permits import Holder, Permits, Waiter
from workerless.flow_ports import Permitted

_KEPT = timedelta(days=2)
_HELD = "held_"
_ONE = {":one": number(1)}
_DIGITS = 15  # of epoch milliseconds


class DynamoPermits:
    """Those of one stage."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def take(self, name: str, holder: Holder, limit: int) -> Permitted:
        held = _attribute(holder.job_id)
        is_free = "attribute_not_exists(#used) OR #used < :limit" if limit else "#used < :limit"
        update = Update(
            condition=f"({is_free}) AND attribute_not_exists(#{held})",
            changes={held: _written(holder), "expires_at": expiry(holder.until + _KEPT)},
            computed=(
                "#used = if_not_exists(#used, :zero) + :one",
                "#version = if_not_exists(#version, :zero) + :one",
            ),
            values={**_ONE, ":zero": number(0), ":limit": number(limit)},
        )
        return self._write(name, update)

    def await_one(self, name: str, limit: int) -> Permitted:
        update = Update(
            condition="#used >= :limit",
            changes={"awaited": number(1)},
            computed=("#version = #version + :one",),
            values={**_ONE, ":limit": number(limit)},
        )
        return self._write(name, update)

    def release(self, name: str, holder: Holder) -> Permitted:
        held = _attribute(holder.job_id)
        update = Update(
            condition=f"#{held} = :held AND attribute_not_exists(#awaited)",
            changes={held: None},
            computed=("#used = #used - :one", "#version = #version + :one"),
            values={**_ONE, ":held": _written(holder)},
        )
        return self._write(name, update)

    def change(self, name: str, before: Permits, after: Permits) -> Permitted:
        old = {_attribute(one.job_id): _written(one) for one in before.holders}
        new = {_attribute(one.job_id): _written(one) for one in after.holders}
        untils = [one.until for one in after.holders]
        update = Update(
            condition="#version = :seen" if before.version else "attribute_not_exists(#version)",
            changes={
                **{
                    held: new.get(held) for held in {**old, **new} if old.get(held) != new.get(held)
                },
                "used": number(len(new)),
                "awaited": number(1) if after.is_awaited else None,
                "version": number(before.version + 1),
                **({"expires_at": expiry(max(untils) + _KEPT)} if untils else {}),
            },
            values={":seen": number(before.version)} if before.version else {},
        )
        return self._write(name, update)

    def join(self, name: str, waiter: Waiter) -> None:
        self._table.put(
            {
                **_place(name, waiter),
                "job_id": text(waiter.job_id),
                "job_type": text(waiter.job_type),
                "queue": text(waiter.queue),
                "since": instant(waiter.since),
                "asked_at": instant(waiter.asked_at),
                "expires_at": expiry(waiter.asked_at + _KEPT),
            }
        )

    def line(self, name: str, limit: int) -> Sequence[Waiter]:
        answer = self._table.query(
            {
                "TableName": self._table.name,
                "KeyConditionExpression": "pk = :pk AND begins_with(sk, :waiter)",
                "ExpressionAttributeValues": {":pk": text(_pk(name)), ":waiter": text("WAITER#")},
                "ConsistentRead": True,
                "Limit": limit,
            }
        )
        return [_waiter(item) for item in answer["Items"]]

    def quit(self, name: str, waiter: Waiter) -> None:
        self._table.delete(
            _place(name, waiter),
            condition="#asked_at = :asked_at",
            values={":asked_at": instant(waiter.asked_at)},
        )

    def _write(self, name: str, update: Update) -> Permitted:
        answer = self._table.update({"pk": text(_pk(name)), "sk": text("PERMITS")}, update)
        if isinstance(answer, Refused):
            return Permitted(is_done=False, permits=_permits(answer.old))
        return Permitted(is_done=True, permits=_permits(answer))


def _pk(name: str) -> str:
    return f"SEMAPHORE#{name}"


def _place(name: str, waiter: Waiter) -> dict[str, Value]:
    since = f"{int(instant(waiter.since)['N']):0{_DIGITS}d}"
    return {"pk": text(_pk(name)), "sk": text(f"WAITER#{since}#{waiter.job_id}")}


def _attribute(job_id: str) -> str:
    """A name that an expression may use whatever the id looks like."""
    return _HELD + hashlib.sha256(job_id.encode(errors="backslashreplace")).hexdigest()[:16]


def _written(holder: Holder) -> Value:
    return text(f"{instant(holder.until)['N']} {holder.token} {holder.job_id}")


def _permits(item: Item | None) -> Permits:
    if item is None:
        return Permits()
    held = [value["S"] for name, value in item.items() if name.startswith(_HELD)]
    return Permits(
        holders=tuple(sorted((_holder(one) for one in held), key=lambda one: one.until)),
        is_awaited="awaited" in item,
        version=int(item["version"]["N"]),
    )


def _holder(told: str) -> Holder:
    until, token, job_id = told.split(" ", 2)
    return Holder(job_id=job_id, token=token, until=read_instant({"N": until}))


def _waiter(item: Item) -> Waiter:
    return Waiter(
        job_id=item["job_id"]["S"],
        job_type=item["job_type"]["S"],
        queue=item["queue"]["S"],
        since=read_instant(item["since"]),
        asked_at=read_instant(item["asked_at"]),
    )
