"""Results reach the payloads that their author meant them for, whatever is nested in what.

Each job gives back what it was given. A workflow is worked out twice: from what its author wrote,
and by what is stored and decided step after step.
"""

import hashlib
import itertools
from collections.abc import Iterator, Mapping
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.property.machines.sizes import NIGHTLY
from tests.property.workflow.world import NOON
from workerless import JobType, Payload, Result, Workflow, chain, group, result_of, step
from workerless.workflow.advance import advance
from workerless.workflow.binding import assemble, bind
from workerless.workflow.build import Chain, Group, Part, Step
from workerless.workflow.call import Call
from workerless.workflow.compiling import definition_of
from workerless.workflow.control import Control, Ending
from workerless.workflow.definition import Definition, Task
from workerless.workflow.mark import Mark, SlotState
from workerless.workflow.ordering import steps_of
from workerless.workflow.wire import read_definition, write_definition

LAW = settings(deadline=None, max_examples=5_000 if NIGHTLY else 150)


class Ask(Payload):
    """What is handed on is ``told`` by the job before, unless somebody says otherwise."""

    number: int
    told: Any = None
    more: list[Any] = []  # noqa: RUF012 -- pydantic copies it


class Answer(Result):
    """What was asked."""

    told: str


ask = JobType(name="ask", payload=Ask, result=Answer)


def a_part(random: Random, numbers: Iterator[int], known: list[str], depth: int = 3) -> Part:
    """``known`` are the steps around whose results it may take; ``numbers`` name new ones."""
    kind = random.choice(["job", "job", "chain", "group", "workflow"]) if depth else "job"
    if kind == "job":
        return a_job(random, known)
    if kind == "group":
        return group(
            *(a_part(random, numbers, known, depth - 1) for _ in range(random.randint(0, 3)))
        )
    steps: list[Step] = []
    for _ in range(random.randint(1, 4)):
        names = [one.name for one in steps]
        part = a_part(random, numbers, known + names, depth - 1)
        after = random.sample(names, min(len(names), random.randint(0, 1)))
        is_free = kind == "workflow"
        steps.append(step(f"s{next(numbers)}", part, after=after if is_free else ()))
    if kind == "chain":
        return chain(*steps)
    random.shuffle(steps)
    return Workflow("some", *steps, takes=known)


def a_job(random: Random, known: list[str]) -> Call:
    taken = [result_of(name) for name in known if random.random() < 0.3]
    fields: dict[str, Any] = {"more": [7, *taken]} if taken else {}
    if known and random.random() < 0.2:
        fields["told"] = result_of(random.choice(known))
    return ask.with_(number=random.randrange(1_000), **fields)


def answer(data: Mapping[str, Any]) -> dict[str, str]:
    more = data.get("more", [])
    given = f"{data['number']} {data.get('told')} {more}"
    return {"told": hashlib.sha256(given.encode()).hexdigest()[:8]}


def meant(part: Part, before: Any, around: dict[str, Any]) -> Any:
    """What the author meant: ``before`` is what the part before gave, ``around`` what all did."""
    match part:
        case Call():
            return answer(handed(part, before, around))
        case Group():
            return [meant(one.part, before, around) for one in steps_of(part)]
        case Chain():
            for one in steps_of(part):
                before = meant(one.part, before, around)
                around = {**around, one.name: before}
            return before
        case Workflow():
            return of_workflow(part, around)


def handed(call: Call, before: Any, around: dict[str, Any]) -> dict[str, Any]:
    data = dict(call.data)
    for to, source in call.sources:
        value = around[str(source.step)]
        if len(to) == 1:
            data[str(to[0])] = value
        else:
            data["more"] = [*data["more"]]
            data["more"][int(to[1])] = value
    if "told" not in data and isinstance(before, dict) and "told" in before:
        data["told"] = before["told"]
    return data


def of_workflow(part: Workflow, around: dict[str, Any]) -> Any:
    known = dict(around)
    for one in sorted(part.parts, key=lambda one: int(one.name[1:])):
        known[one.name] = meant(one.part, None, known)
    return assemble(definition_of_inner(part), known)


def definition_of_inner(part: Workflow) -> Definition:
    """Only for which of its steps are last, when nothing around it is known."""
    names = [step(name, ask.with_(number=0)) for name in part.takes]
    node = definition_of(chain(*names, part)).nodes[-1]
    assert isinstance(node.part, Definition)
    return node.part


def worked_out(definition: Definition) -> Any:
    """What comes of it, decision after decision."""
    definition = read_definition(write_definition(definition))
    control, marks, results = Control(), dict[str, Mark](), dict[str, Any]()
    while control.state is None:
        decision = advance(definition, control, marks)
        control = decision.control or control
        for start in decision.starts:
            assert start.part is not None
            bound = bind(start.part, {name: results[slot] for name, slot in start.reads.items()})
            gave = answer(bound.data) if isinstance(bound, Task) else worked_out(bound)
            results[start.slot] = gave
            mark = Mark(generation=1, state=SlotState.COMPLETED, at=NOON)
            marks[start.slot] = mark
    assert control.state is Ending.COMPLETED
    return assemble(definition, {slot.partition(":")[2]: one for slot, one in results.items()})


@LAW
@given(st.integers(0, 10**9))
def test_each_job_is_given_what_its_author_meant(seed: int) -> None:
    part = a_part(Random(seed), itertools.count(), [])

    definition = definition_of(part)

    expected = meant(part, None, {})
    assert worked_out(definition) == expected
