"""The callbacks of a batch as JSON data: what is stored with one that is no group. Pure."""

from collections.abc import Mapping
from typing import Any

from workerless.workflow.definition import Definition, Kind, Node, Task
from workerless.workflow.wire import read_definition, write_definition


def write_callbacks(tasks: Mapping[str, Task]) -> dict[str, Any]:
    """As JSON data, by the names of ``workflow.batch``."""
    nodes = tuple(Node(name=name, part=task) for name, task in tasks.items())
    return {
        "callbacks": write_definition(Definition(name="callbacks", kind=Kind.BATCH, nodes=nodes))
    }


def read_callbacks(told: Mapping[str, Any]) -> dict[str, Task] | None:
    """What ``write_callbacks`` gave; None of what is no callbacks. Raises ``WorkerlessError``."""
    if "callbacks" not in told:
        return None
    nodes = read_definition(told["callbacks"]).nodes
    return {node.name: node.part for node in nodes if isinstance(node.part, Task)}
