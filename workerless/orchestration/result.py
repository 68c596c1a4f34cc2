"""The results of members: a job's is in its record, a container's is made of its members'."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from workerless.data_ref import DataRef
from workerless.errors import BlobNotFoundError, ResultMissingError
from workerless.limits import MAX_RESULT_BYTES
from workerless.orchestration.world import Orchestra
from workerless.payload_file import CorruptFileError, read_file
from workerless.ports import Blobs
from workerless.record import Record
from workerless.states import State
from workerless.workflow.binding import assemble, result_steps
from workerless.workflow.control import read_control
from workerless.workflow.definition import Definition, Kind
from workerless.workflow.mark import SlotState, member_id
from workerless.workflow_ports import Container

_WITH_RESULT = (SlotState.COMPLETED, SlotState.COMPLETED_WITH_ERRORS)


def results(container_id: str, slots: Iterable[str], world: Orchestra) -> dict[str, Any]:
    """What the members in these slots of a workflow gave, as JSON data; all have ended well.

    Raises ``ResultMissingError`` for what is gone, since its time is over.
    """
    ids = {slot: member_id(container_id, slot) for slot in slots}
    found = _read(list(ids.values()), world)
    if gone := [one for one in ids.values() if one not in found]:
        raise ResultMissingError(f"there is no record of {gone[0]} any more")
    return {slot: found[one] for slot, one in ids.items()}


def result_of(container: Container, world: Orchestra) -> Any:
    """What a container gave that has ended well. Raises as ``results`` does."""
    definition = world.definition(container)
    if container.kind is Kind.BATCH:
        return assemble(definition, _of_batch(container, definition, world))
    control = read_control(json.loads(container.control))
    slots = {name: control.slot(name) for name in result_steps(definition)}
    ended_well = [
        slot
        for slot in slots.values()
        if (mark := container.marks.get(slot)) and mark.state in _WITH_RESULT
    ]
    found = results(container.container_id, ended_well, world)
    return assemble(definition, {name: found.get(slot) for name, slot in slots.items()})


def member_ids(container: Container, definition: Definition) -> list[str]:
    """Those of a group's members, in their order."""
    return [member_id(container.container_id, f"1:{node.name}") for node in definition.nodes]


def _of_batch(batch: Container, definition: Definition, world: Orchestra) -> Mapping[str, Any]:
    ids = member_ids(batch, definition)
    found = _read(ids, world)
    names = (node.name for node in definition.nodes)
    return {name: found.get(one) for name, one in zip(names, ids, strict=True)}


def _read(ids: Sequence[str], world: Orchestra) -> dict[str, Any]:
    """Of those that are there."""
    records = dict(zip(ids, world.store.get_many(ids), strict=True)) if ids else {}
    found = {one: _of_job(record, world.blobs) for one, record in records.items() if record}
    left = [one for one in ids if one not in found]
    for child in world.containers.read_many(left) if left else []:
        if child is not None:
            found[child.container_id] = result_of(child, world) if _has_result(child) else None
    return found


def _has_result(child: Container) -> bool:
    return child.state in {one.value for one in _WITH_RESULT}


def _of_job(record: Record, blobs: Blobs) -> Any:
    if record.state is not State.COMPLETED or record.result is None:
        return None
    return json.loads(_text(record.result, record.job_id, blobs))


def _text(result: str | DataRef, job_id: str, blobs: Blobs) -> str:
    if isinstance(result, str):
        return result
    try:
        return read_file(result, blobs, limit_bytes=MAX_RESULT_BYTES).decode()
    except (BlobNotFoundError, CorruptFileError) as error:
        raise ResultMissingError(f"the result of {job_id} cannot be had: {error}") from error
