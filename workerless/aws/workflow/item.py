"""Containers and pages as items of the table, and back. Pure: names and shapes, no calls.

``CONTAINER#<id>``/``ROOT`` has an attribute for each mark (``m_<slot>``), for the size of each page
(``p_<page>``) and for since when it is open (``o_<page>``): each is written by itself, under a
condition of its own. ``PAGE#<id>#<page>`` is a partition of its own: ``MARKS`` has those of its
members, ``MEMBERS`` their ids, apart, since each mark is billed by the whole item.
"""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from workerless.aws.item import Item, state_at
from workerless.aws.value import (
    Value,
    expiry,
    instant,
    number,
    optional,
    read_expiry,
    read_instant,
    text,
)
from workerless.due import SHARDS, shard_of
from workerless.errors import RecordUnreadableError, WorkerlessError
from workerless.membership import ROOT
from workerless.workflow.definition import Kind
from workerless.workflow.mark import Mark, read_mark, write_mark
from workerless.workflow_ports import Container, Page

# Far from the shards of jobs, of which there may be more one day.
CONTAINERS_SHARD = SHARDS + 2_000
_CONTAINER, _PAGE = "CONTAINER#", "PAGE#"
_MARK, _SIZE, _OPEN = "m_", "p_", "o_"
# Of characters; an item has room for 400 KB, and a letter may take four bytes.
_PART = 90_000
# Slots as expressions may name them; an underscore is doubled first.
_ESCAPES = (("_", "__"), (":", "_c"), ("-", "_d"))


def root_key(container_id: str) -> dict[str, Value]:
    """Where a container's own item is."""
    return {"pk": text(f"{_CONTAINER}{container_id}"), "sk": text("ROOT")}


def page_key(container_id: str, page: str) -> dict[str, Value]:
    """Where the marks of a page are; ``root`` is the container's own item."""
    if page == ROOT:
        return root_key(container_id)
    return {"pk": text(f"{_PAGE}{container_id}#{page}"), "sk": text("MARKS")}


def members_key(container_id: str, page: str) -> dict[str, Value]:
    """Where the ids of a page's members are."""
    return {**page_key(container_id, page), "sk": text("MEMBERS")}


def definition_ref(definition: str) -> str:
    """By digest, as bodies are: a container that is refused replaces no other's text."""
    digest = hashlib.sha256(definition.encode()).hexdigest()
    return f"{digest}/{-(-len(definition) // _PART)}"


def definition_keys(container: Container) -> list[dict[str, Value]]:
    """Of each part of its text, in order."""
    digest, _, parts = (container.definition or "/0").partition("/")
    return [
        {**root_key(container.container_id), "sk": text(f"DEFINITION#{digest}#{part}")}
        for part in range(int(parts))
    ]


def definition_parts(definition: str) -> list[str]:
    """What goes into one item each."""
    return [definition[at : at + _PART] for at in range(0, len(definition), _PART)]


def mark_name(slot: str) -> str:
    """The attribute of a slot's mark."""
    for letter, escaped in _ESCAPES:
        slot = slot.replace(letter, escaped)
    return f"{_MARK}{slot}"


def size_name(page: str) -> str:
    """The attribute of a page's size."""
    return f"{_SIZE}{page}"


def open_name(page: str) -> str:
    """The attribute that is there while a page is open."""
    return f"{_OPEN}{page}"


def due_values(container_id: str, look_at: datetime) -> dict[str, Value]:
    """What puts a container into the sweeper's index."""
    return {"due_shard": due_shard(shard_of(container_id)), "due_at": instant(look_at)}


def due_shard(shard: int) -> Value:
    """The partition of the index ``due`` for one shard of containers."""
    return number(CONTAINERS_SHARD + shard)


def listing_key(kind: Kind, state: str, shard: int) -> Value:
    """A partition of ``by_state``; of no job type's, whose names have no such sign."""
    return text(f"~{kind}#{state}#{shard}")


def listing_values(container: Container) -> dict[str, Value]:
    """What lists a container by its state."""
    shard = shard_of(container.container_id)
    at = int(instant(container.updated_at)["N"])
    return {
        "state_key": listing_key(container.kind, container.state, shard),
        "state_at": state_at(at, container.container_id),
    }


def to_root(container: Container, look_at: datetime) -> dict[str, Value]:
    """A new container's item."""
    values: dict[str, Value | None] = {
        **root_key(container.container_id),
        "name": text(container.name),
        "kind": text(container.kind),
        "created_at": instant(container.created_at),
        "definition": optional(text, container.definition),
        "total": number(container.total),
        "paged": number(len(container.pages)),
        "held_until": optional(instant, container.held_until),
        "member_of": optional(text, container.member_of),
        "depth": number(container.depth),
        "job_depth": number(container.job_depth) if container.job_depth else None,
        "tenant": optional(text, container.tenant),
        "correlation_id": optional(text, container.correlation_id),
        "traceparent": optional(text, container.traceparent),
        "description": optional(text, container.description),
        "tags": text(",".join(container.tags)) if container.tags else None,
        "version": number(container.version),
        **changing_values(container),
        **mark_values(container.marks),
        **due_values(container.container_id, look_at),
    }
    return {name: value for name, value in values.items() if value is not None}


def changing_values(container: Container) -> dict[str, Value | None]:
    """What whoever moves it on changes."""
    return {
        "state": text(container.state),
        "control": text(container.control),
        "is_open": {"BOOL": container.is_open},
        "is_stopping": {"BOOL": True} if container.is_stopping else None,
        "updated_at": instant(container.updated_at),
        "ended_at": optional(instant, container.ended_at),
        "expires_at": optional(expiry, container.expires_at),
        **listing_values(container),
    }


def mark_values(marks: Mapping[str, Mark]) -> dict[str, Value]:
    """The attributes of marks, by slot."""
    return {mark_name(slot): text(write_mark(mark)) for slot, mark in marks.items()}


def to_container(item: Item) -> Container:
    """Raises ``RecordUnreadableError`` where it is none."""
    try:
        return _container(item)
    except (LookupError, ValueError, TypeError, WorkerlessError) as error:
        raise RecordUnreadableError(
            f"item {item.get('pk')} is no container: {type(error).__name__}: {error}"
        ) from error


def to_page(item: Item) -> Page:
    """Raises ``RecordUnreadableError`` where it is none."""
    try:
        return Page(
            page=item["pk"]["S"].rpartition("#")[2],
            size=int(item["size"]["N"]),
            opened_at=read_instant(item["opened_at"]),
            marks=_marks(item),
        )
    except (LookupError, ValueError, TypeError, WorkerlessError) as error:
        raise RecordUnreadableError(
            f"item {item.get('pk')} is no page of a batch: {type(error).__name__}: {error}"
        ) from error


def container_id_of(item: Mapping[str, Value]) -> str:
    """Out of a root's key."""
    return item["pk"]["S"].removeprefix(_CONTAINER)


def _container(item: Item) -> Container:
    return Container(
        container_id=container_id_of(item),
        name=item["name"]["S"],
        kind=Kind(item["kind"]["S"]),
        state=item["state"]["S"],
        control=item["control"]["S"],
        created_at=read_instant(item["created_at"]),
        updated_at=read_instant(item["updated_at"]),
        is_open=item["is_open"]["BOOL"],
        is_stopping="is_stopping" in item,
        definition=_text(item, "definition"),
        marks=_marks(item),
        total=int(item["total"]["N"]),
        pages={name: int(value["N"]) for name, value in _named(item, _SIZE)},
        open_pages={name: read_instant(value) for name, value in _named(item, _OPEN)},
        held_until=_instant(item, "held_until"),
        looked_to=_text(item, "looked_to"),
        member_of=_text(item, "member_of"),
        depth=int(item["depth"]["N"]),
        job_depth=int(item["job_depth"]["N"]) if "job_depth" in item else 0,
        tenant=_text(item, "tenant"),
        correlation_id=_text(item, "correlation_id"),
        traceparent=_text(item, "traceparent"),
        description=_text(item, "description"),
        tags=tuple(item["tags"]["S"].split(",")) if "tags" in item else (),
        ended_at=_instant(item, "ended_at"),
        expires_at=read_expiry(item["expires_at"]) if "expires_at" in item else None,
        version=int(item["version"]["N"]),
    )


def _marks(item: Item) -> dict[str, Mark]:
    return {_slot(name): read_mark(value["S"]) for name, value in _named(item, _MARK)}


def _slot(name: str) -> str:
    """Of what ``mark_name`` made of it, less the beginning."""
    pieces = name.split("__")
    for letter, escaped in _ESCAPES[1:]:
        pieces = [piece.replace(escaped, letter) for piece in pieces]
    return "_".join(pieces)


def _named(item: Item, beginning: str) -> list[tuple[str, Any]]:
    return [
        (name.removeprefix(beginning), value)
        for name, value in sorted(item.items())
        if name.startswith(beginning)
    ]


def _text(item: Item, name: str) -> str | None:
    return item[name]["S"] if name in item else None


def _instant(item: Item, name: str) -> datetime | None:
    return read_instant(item[name]) if name in item else None
