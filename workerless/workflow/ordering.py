"""The steps of a part by name, and each after those that it depends on. Pure."""

from collections.abc import Iterator, Mapping, Sequence

from workerless.errors import DeclarationError
from workerless.workflow.build import Chain, Group, Part, Step, Workflow
from workerless.workflow.call import Call

type Container = Chain | Group | Workflow


def steps_of(container: Container) -> list[Step]:
    """Its parts as steps. One that has no name is named as what it is, the second ``..._2``.

    Raises ``DeclarationError`` for a name that two steps have.
    """
    names = [one.name for one in container.parts if isinstance(one, Step)]
    if twice := [name for name in names if names.count(name) > 1][:1]:
        raise DeclarationError(
            f"{container.name}: a step's name must be its own, got {twice[0]!r} twice"
        )
    taken, counts = set(names), dict[str, int]()
    return [
        one if isinstance(one, Step) else Step(_free_name(one, taken, counts), one)
        for one in container.parts
    ]


def _free_name(part: Part, taken: set[str], counts: dict[str, int]) -> str:
    base = part.job_type.name.replace(".", "_") if isinstance(part, Call) else part.name
    while True:
        counts[base] = counts.get(base, 0) + 1
        name = base if counts[base] == 1 else f"{base}_{counts[base]}"
        if name not in taken:
            taken.add(name)
            return name


def edges(container: Container, steps: Sequence[Step]) -> dict[str, tuple[str, ...]]:
    """What each step waits for: what it names, and what it takes results of, however deep within.

    Raises ``DeclarationError`` for what cannot wait, and for steps that there are not.
    """
    own = {one.name for one in steps}
    found: dict[str, tuple[str, ...]] = {}
    before: str | None = None
    for one in steps:
        _check_after(container, one, own)
        taken = sorted(own & set(wanted(one.part)))
        if isinstance(container, Group) and taken:
            raise DeclarationError(
                f"{container.name}: step {one.name} takes the result of {taken[0]}, and members of "
                "a group do not wait for each other; use a Workflow or a chain"
            )
        line = (before,) if before and isinstance(container, Chain) else ()
        found[one.name] = tuple(dict.fromkeys((*line, *one.after, *taken)))
        before = one.name
    return found


def _check_after(container: Container, step: Step, own: set[str]) -> None:
    if step.after and not isinstance(container, Workflow):
        raise DeclarationError(
            f"{container.name}: after must be left out in a chain or group, got {step.after} for "
            f"step {step.name}; use a Workflow"
        )
    if unknown := [name for name in step.after if name not in own]:
        raise DeclarationError(
            f"{container.name}: after must name steps of the same workflow "
            f"({', '.join(sorted(own))}), got {unknown[0]!r} for step {step.name}"
        )


def wanted(part: Part) -> Iterator[str]:
    """The steps around ``part`` that it takes results of."""
    if isinstance(part, Call):
        yield from (source.step for _, source in part.sources if source.step)
        return
    steps = steps_of(part)
    own = {one.name for one in steps}
    for one in steps:
        calls = (one.part, one.compensate) if one.compensate else (one.part,)
        yield from (name for call in calls for name in wanted(call) if name not in own)


def in_order(whose: str, steps: Sequence[Step], waits: Mapping[str, Sequence[str]]) -> list[Step]:
    """Each after all that it waits for, else as they were. Raises ``DeclarationError``."""
    placed: dict[str, Step] = {}
    left = list(steps)
    while left:
        ready = next((one for one in left if all(name in placed for name in waits[one.name])), None)
        if ready is None:
            names = ", ".join(one.name for one in left)
            raise DeclarationError(f"{whose}: steps must not wait for each other, got {names}")
        placed[ready.name] = ready
        left.remove(ready)
    return list(placed.values())
