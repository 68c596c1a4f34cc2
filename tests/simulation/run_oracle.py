"""How a run has to end, worked out step after step from how its members did. Knows no marks."""

from collections.abc import Callable, Sequence

from workerless.workflow.control import Ending
from workerless.workflow.definition import Definition, Node, OnFailure
from workerless.workflow.mark import SlotState

BADLY = (SlotState.FAILED, SlotState.CANCELLED)

type Outcome = Callable[[Node], SlotState | None]
"""How the member of a step ended; STARTED of one that has not, None where there is none."""


def expected(definition: Definition, outcome: Outcome) -> Ending | str:
    """How a run ends that nobody cancelled; a complaint where it cannot have ended."""
    skipped: set[str] = set()
    ended: dict[str, SlotState] = {}
    waiting: list[str] = []
    for node in definition.nodes:
        state = outcome(node)
        ways = {_way(definition.by_name[one], ended.get(one)) for one in node.after}
        if state is SlotState.STARTED:
            return f"{node.name} has not ended"
        if state is not None:
            ended[node.name] = state
        elif OnFailure.CONTINUE in ways or skipped & set(node.after):
            skipped.add(node.name)
        elif OnFailure.FAIL not in ways and all(one in ended for one in node.after):
            waiting.append(node.name)
    ways = {_way(node, ended.get(node.name)) for node in definition.nodes} - {None}
    if OnFailure.FAIL in ways:
        return Ending.FAILED
    if waiting:
        return f"nobody started {waiting}"
    has_errors = skipped or ways or SlotState.COMPLETED_WITH_ERRORS in ended.values()
    return Ending.COMPLETED_WITH_ERRORS if has_errors else Ending.COMPLETED


def expected_of_batch(policy: OnFailure, states: Sequence[SlotState]) -> Ending | str:
    """The same of a batch, all of whose members are as ``states`` says."""
    if SlotState.STARTED in states:
        return f"members are {states}"
    has_failed = any(state in BADLY for state in states)
    if has_failed and policy is OnFailure.FAIL:
        return Ending.FAILED
    if has_failed or SlotState.COMPLETED_WITH_ERRORS in states:
        return Ending.COMPLETED_WITH_ERRORS
    return Ending.COMPLETED


def _way(node: Node, state: SlotState | None) -> OnFailure | None:
    """What follows from a step that has failed; None of any other."""
    return node.on_failure if state in BADLY else None
