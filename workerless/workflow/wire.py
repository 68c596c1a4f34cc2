"""Definitions as JSON data: what is stored with a run. Pure.

What is as it usually is, is left out, and what jobs of a type have in common is said once for all:
a group may have thousands of them.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from workerless.errors import WorkerlessError
from workerless.limits import MAX_DEPTH
from workerless.payload import canonical_json
from workerless.workflow.definition import Definition, Gives, Input, Kind, Node, OnFailure, Task

_VERSION = 1


def write_definition(definition: Definition) -> dict[str, Any]:
    """As JSON data."""
    heads = _Heads()
    return {"v": _VERSION, **_container(definition, heads), "heads": heads.told}


def read_definition(told: object) -> Definition:
    """What ``write_definition`` gave. Raises ``WorkerlessError`` that says what is wrong."""
    try:
        if not isinstance(told, Mapping) or told["v"] != _VERSION:
            raise ValueError(f"not of version {_VERSION}")  # noqa: TRY301 -- told as all others are
        return _read_container(told, told["heads"])
    except (ValueError, LookupError, TypeError) as error:
        raise WorkerlessError(f"this is no definition of a workflow: {error!r}") from error


class _Heads:
    """What is said of jobs besides their payloads, each once; referred to by its number."""

    def __init__(self) -> None:
        self.told: list[dict[str, Any]] = []
        self._numbers: dict[str, int] = {}

    def number(self, head: dict[str, Any]) -> int:
        number = self._numbers.setdefault(canonical_json(head), len(self.told))
        if number == len(self.told):
            self.told.append(head)
        return number


def _container(definition: Definition, heads: _Heads) -> dict[str, Any]:
    return {
        "name": definition.name,
        "kind": definition.kind.value,
        "nodes": [_node(node, heads) for node in definition.nodes],
        **({} if definition.gives is Gives.LAST else {"gives": definition.gives.value}),
    }


def _node(node: Node, heads: _Heads) -> dict[str, Any]:
    part = node.part
    return _told(
        name=node.name,
        task=_task(part, heads) if isinstance(part, Task) else None,
        part=_container(part, heads) if isinstance(part, Definition) else None,
        after=list(node.after),
        on_failure="" if node.on_failure is OnFailure.FAIL else node.on_failure.value,
        compensate=_task(node.compensate, heads) if node.compensate else None,
    )


def _task(task: Task, heads: _Heads) -> dict[str, Any]:
    head = _told(
        type=task.job_type,
        version=task.version,
        attempts=task.attempts,
        search_keys=list(task.search_keys),
        lane=task.lane,
        delay=task.delay.total_seconds(),
        expires_in=task.expires_in and task.expires_in.total_seconds(),
        tags=list(task.tags),
        max_depth=task.max_depth if task.max_depth != MAX_DEPTH else None,
        inputs=[_input(one) for one in task.inputs],
    )
    return {"head": heads.number(head), "data": task.data}


def _input(one: Input) -> dict[str, Any]:
    return _told(to=list(one.to), step=one.step, up=one.up, path=list(one.path))


def _told(**fields: Any) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value}


def _read_container(told: Mapping[str, Any], heads: Sequence[Mapping[str, Any]]) -> Definition:
    return Definition(
        name=told["name"],
        kind=Kind(told["kind"]),
        gives=Gives(told.get("gives", Gives.LAST)),
        nodes=tuple(_read_node(one, heads) for one in told["nodes"]),
    )


def _read_node(told: Mapping[str, Any], heads: Sequence[Mapping[str, Any]]) -> Node:
    task, compensate = told.get("task"), told.get("compensate")
    return Node(
        name=told["name"],
        part=_read_task(task, heads) if task else _read_container(told["part"], heads),
        after=tuple(told.get("after", ())),
        on_failure=OnFailure(told.get("on_failure", OnFailure.FAIL)),
        compensate=_read_task(compensate, heads) if compensate else None,
    )


def _read_task(told: Mapping[str, Any], heads: Sequence[Mapping[str, Any]]) -> Task:
    head = heads[told["head"]]
    expires_in = head.get("expires_in")
    return Task(
        job_type=head["type"],
        version=head["version"],
        attempts=head["attempts"],
        data=told["data"],
        inputs=tuple(_read_input(one) for one in head.get("inputs", ())),
        search_keys=tuple(head.get("search_keys", ())),
        lane=head.get("lane"),
        delay=timedelta(seconds=head.get("delay", 0)),
        expires_in=timedelta(seconds=expires_in) if expires_in else None,
        tags=tuple(head.get("tags", ())),
        max_depth=head.get("max_depth", MAX_DEPTH),
    )


def _read_input(told: Mapping[str, Any]) -> Input:
    return Input(
        to=_path(told["to"]),
        step=told.get("step"),
        up=told.get("up", 0),
        path=_path(told.get("path", ())),
    )


def _path(told: Sequence[str | int]) -> tuple[str | int, ...]:
    return tuple(told)
