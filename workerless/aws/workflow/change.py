"""What is written about containers, each one conditional update. Pure: expressions, no calls.

A write that is repeated, since its answer was lost, is refused by its own work.
"""

from collections.abc import Mapping
from datetime import datetime

from workerless.aws.update import Update, whole_seconds
from workerless.aws.value import Value, expiry, instant, number, optional, text
from workerless.aws.workflow.item import (
    changing_values,
    due_values,
    mark_name,
    mark_values,
    open_name,
    size_name,
)
from workerless.workflow.mark import Mark
from workerless.workflow.page import MAX_MEMBERS, MAX_PAGES
from workerless.workflow_ports import Container, DueContainer

_ONE = {":one": number(1)}
_NEXT_VERSION = "#version = #version + :one"
_YES: Value = {"BOOL": True}
_NO: Value = {"BOOL": False}


def write_marks(marks: Mapping[str, Mark]) -> Update:
    """Each where its slot has none, or an earlier one."""
    conditions = ["attribute_exists(#pk)"]
    for slot in marks:
        name = mark_name(slot)
        conditions.append(f"(attribute_not_exists(#{name}) OR #{name} < :new_{name})")
    return Update(condition=" AND ".join(conditions), changes=mark_values(marks))


def save_container(container: Container, marks: Mapping[str, Mark], look_at: datetime) -> Update:
    """As ``ContainerStore.save``. One that is open again is looked at again."""
    changes = {**changing_values(container), **mark_values(marks)}
    values: dict[str, Value] = {**_ONE, ":read": number(container.version)}
    computed = [_NEXT_VERSION]
    if container.is_open:
        due = due_values(container.container_id, look_at)
        changes["due_shard"] = due["due_shard"]
        computed.append("#due_at = if_not_exists(#due_at, :look_at)")
        values[":look_at"] = due["due_at"]
    return Update(
        condition="#version = :read", changes=changes, computed=tuple(computed), values=values
    )


def retire_root(until: datetime) -> Update:
    """Have an ended container go then, and nobody look at it."""
    return Update(
        condition="attribute_exists(#pk) AND #is_open = :no",
        changes={"expires_at": expiry(until), "due_shard": None, "due_at": None},
        values={":no": _NO},
    )


def keep_root(container_id: str, until: datetime, look_at: datetime) -> Update:
    """Have an ended container stay until then, and have it looked at."""
    due = due_values(container_id, look_at)
    return Update(
        condition="attribute_exists(#pk) AND #is_open = :no",
        changes={"expires_at": expiry(until), "due_shard": due["due_shard"]},
        computed=("#due_at = if_not_exists(#due_at, :look_at)",),
        values={":no": _NO, ":look_at": due["due_at"]},
    )


def open_pages(pages: Mapping[str, int], at: datetime) -> Update:
    """Wait for new pages of an open batch that has room for them."""
    members = sum(pages.values())
    absent = [f"attribute_not_exists(#{size_name(page)})" for page in pages]
    room = [
        "#is_open = :yes",
        "attribute_not_exists(#is_stopping)",
        "#total <= :room",
        "#paged <= :most",
    ]
    changes: dict[str, Value | None] = {}
    for page, size in pages.items():
        changes |= {size_name(page): number(size), open_name(page): instant(at)}
    return Update(
        condition=" AND ".join(absent + room),
        changes=changes,
        computed=("#total = #total + :members", "#paged = #paged + :more", _NEXT_VERSION),
        values={
            **_ONE,
            ":yes": _YES,
            ":members": number(members),
            ":more": number(len(pages)),
            ":room": number(MAX_MEMBERS - members),
            ":most": number(MAX_PAGES - len(pages)),
        },
    )


def close_page(page: str) -> Update:
    """Wait for it no more."""
    name = open_name(page)
    return Update(condition=f"attribute_exists(#{name})", changes={name: None})


def drop_page(page: str) -> Update:
    """Wait for it no more, and count its members out."""
    opened, size = open_name(page), size_name(page)
    return Update(
        condition=f"attribute_exists(#{opened})",
        changes={opened: None, size: number(0)},
        computed=(f"#total = #total - #{size}", _NEXT_VERSION),
        values=_ONE,
    )


def reopen_page(page: str, at: datetime) -> Update:
    """Wait for it again, also if the batch has ended: who moves it on is to see that."""
    opened, size = open_name(page), size_name(page)
    return Update(
        condition=f"attribute_exists(#{size}) AND attribute_not_exists(#{opened})",
        changes={opened: instant(at)},
        computed=(_NEXT_VERSION,),
        values=_ONE,
    )


def let_go() -> Update:
    """Wait for no more members."""
    return Update(
        condition="attribute_exists(#held_until)",
        changes={"held_until": None},
        computed=(_NEXT_VERSION,),
        values=_ONE,
    )


def wake(container_id: str, at: datetime) -> Update:
    """Have it looked at then, if it would be later or never, and its time is not over."""
    due = due_values(container_id, at)
    return Update(
        condition=(
            "attribute_exists(#pk) AND (attribute_not_exists(#due_at) OR #due_at > :at)"
            " AND (attribute_not_exists(#expires_at) OR #expires_at > :now)"
        ),
        changes=due,
        values={":at": due["due_at"], ":now": whole_seconds(at)},
    )


def postpone(due: DueContainer, until: datetime, looked_to: str | None) -> Update:
    """Have it looked at then, if it still was to be when it was found."""
    return Update(
        condition="#due_at = :seen",
        changes={"due_at": instant(until), "looked_to": optional(text, looked_to)},
        values={":seen": instant(due.at)},
    )
