"""Definitions and fates, drawn at random, and what they must lead to."""

from collections.abc import Callable
from random import Random

from tests.property.workflow.world import Job
from workerless.workflow.control import UNDO, Ending
from workerless.workflow.definition import Definition, Input, Kind, Node, OnFailure, Task
from workerless.workflow.mark import SlotState, member_id

BAD = (SlotState.FAILED, SlotState.CANCELLED)


def a_definition(random: Random, depth: int = 3, *, compensating: float = 0.5) -> Definition:
    nodes: list[Node] = []
    for number in range(random.randint(1, 5)):
        names = [node.name for node in nodes]
        after = tuple(random.sample(names, random.randint(0, min(2, len(names)))))
        is_nested = depth > 1 and random.random() < 0.25
        nodes.append(
            Node(
                name=f"s{number}",
                part=a_definition(random, depth - 1, compensating=compensating)
                if is_nested
                else a_task(after),
                after=after,
                on_failure=random.choices(list(OnFailure), [4, 1, 1])[0],
                compensate=a_task((f"s{number}",)) if random.random() < compensating else None,
            )
        )
    return Definition(name="some", kind=Kind.WORKFLOW, nodes=tuple(nodes))


def a_task(reads: tuple[str, ...]) -> Task:
    inputs = tuple(Input(to=(name,), step=name) for name in reads)
    return Task(job_type="work", version=1, attempts=3, data={}, inputs=inputs)


def fates(
    seed: int,
    trouble: float,
    kinds: tuple[SlotState, ...] = (SlotState.DISCARDED, *BAD, SlotState.FAILED),
) -> Callable[[Job], SlotState]:
    """The same job always ends the same way, in each of its lives another."""

    def fate(job: Job) -> SlotState:
        random = Random(f"{seed} {job.job_id} {job.generation}")
        if random.random() > (trouble / 4 if job.slot.endswith(UNDO) else trouble):
            return SlotState.COMPLETED
        return random.choice(kinds)

    return fate


def expected(
    definition: Definition, outcome: Callable[[Job], SlotState], container: str = "run"
) -> Ending:
    """How a run ends that nobody interferes with, worked out step after step."""
    skipped: set[str] = set()
    ended: dict[str, SlotState] = {}
    for node in definition.nodes:
        ways = [how_on(definition.by_name[one], ended.get(one)) for one in node.after]
        if OnFailure.CONTINUE in ways or skipped & set(node.after):
            skipped.add(node.name)
        elif OnFailure.FAIL not in ways and all(one in ended for one in node.after):
            ended[node.name] = end_of(node, outcome, container)
    all_ways = [how_on(node, ended.get(node.name)) for node in definition.nodes]
    if OnFailure.FAIL in all_ways:
        return Ending.FAILED
    has_errors = skipped or any(all_ways) or SlotState.COMPLETED_WITH_ERRORS in ended.values()
    return Ending.COMPLETED_WITH_ERRORS if has_errors else Ending.COMPLETED


def how_on(node: Node, state: SlotState | None) -> OnFailure | None:
    return node.on_failure if state in BAD else None


def end_of(node: Node, outcome: Callable[[Job], SlotState], container: str) -> SlotState:
    member = member_id(container, f"1:{node.name}")
    if isinstance(node.part, Task):
        return outcome(Job(job_id=member, container=container, slot=f"1:{node.name}"))
    return SlotState(expected(node.part, outcome, member).value)
