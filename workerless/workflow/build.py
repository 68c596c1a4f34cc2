"""Workflows as their authors write them: chains, groups, chords, named steps. Values; pure.

What is wrong with one is said when it is built; but a chain or group may name steps that only what
is around it knows, which is looked at once the whole is there (``compiling.definition_of``).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from workerless.errors import DeclarationError
from workerless.job_type import JobType
from workerless.payload import Payload
from workerless.workflow.call import Call
from workerless.workflow.definition import OnFailure

NAME = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*")
MAX_NAME_LENGTH = 40
_MAX_TOLD = 80

type Part = "Call | Chain | Group | Workflow"
"""A job, or a container of more."""

type Asked = "Part | JobType[Any, Any]"
"""What may stand for a part: a bare job type is a job none of whose fields is given."""


@dataclass(frozen=True, slots=True)
class Step:
    """A part under a name; as ``step`` makes it."""

    name: str
    part: Part
    after: tuple[str, ...] = ()
    on_failure: OnFailure | None = None
    compensate: Call | None = None


@dataclass(frozen=True, slots=True)
class Chain:
    """Parts one after another; as ``chain`` makes it."""

    parts: tuple["Part | Step", ...]
    name: str
    on_failure: OnFailure


@dataclass(frozen=True, slots=True)
class Group:
    """Parts side by side; as ``group`` makes it."""

    parts: tuple["Part | Step", ...]
    name: str
    on_failure: OnFailure


@dataclass(frozen=True, slots=True, init=False)
class Workflow:
    """Named steps, each after those that it depends on.

    These are the steps in its ``after``, and those whose results it takes. ``on_failure`` holds for
    the steps that say nothing else. ``takes`` names steps around it, of a workflow that is part of
    more, whose results its steps take. Raises ``DeclarationError``.
    """

    name: str
    parts: tuple[Step, ...]
    on_failure: OnFailure
    takes: tuple[str, ...]

    def __init__(
        self,
        name: str,
        *steps: Step,
        on_failure: OnFailure = OnFailure.FAIL,
        takes: Iterable[str] = (),
    ) -> None:
        object.__setattr__(self, "name", _checked_name("workflow", name))
        object.__setattr__(self, "on_failure", _checked_policy(name, on_failure))
        for one in steps:
            if not isinstance(one, Step):
                raise DeclarationError(
                    f"workflow {name}: steps must be made by step(), got {_told(one)}"
                )
        object.__setattr__(self, "parts", steps)
        object.__setattr__(self, "takes", tuple(takes))
        _check(self)


def step(
    name: str,
    part: Asked,
    *,
    after: str | Iterable[str] = (),
    on_failure: OnFailure | None = None,
    compensate: Call | JobType[Any, Any] | None = None,
) -> Step:
    """A step of a workflow, or a part of a chain or group that has a name.

    ``after`` are steps of the same workflow. ``compensate`` is the job that makes good what the
    step did, should the workflow fail or be cancelled; it runs also when the step failed, since
    nobody knows what it has done. Raises ``DeclarationError``.
    """
    whose = f"step {_checked_name('step', name)}"
    if on_failure is not None:
        _checked_policy(whose, on_failure)
    if compensate is not None and not isinstance(compensate, Call | JobType):
        raise DeclarationError(f"{whose}: compensate must be a job, got {_told(compensate)}")
    names = (after,) if isinstance(after, str) else tuple(after)
    return Step(
        name=name,
        part=_checked_part(whose, part),
        after=tuple(dict.fromkeys(names)),
        on_failure=on_failure,
        compensate=compensate.with_() if isinstance(compensate, JobType) else compensate,
    )


def chain(
    *parts: Asked | Step, name: str = "chain", on_failure: OnFailure = OnFailure.FAIL
) -> Chain:
    """Each part after the one before it.

    A field of a payload that is not given is taken from the result of the part before, if that has
    one of this name. Its result is that of the last. Raises ``DeclarationError``.
    """
    made = Chain(
        parts=_checked_parts("chain", parts),
        name=_checked_name("chain", name),
        on_failure=_checked_policy(name, on_failure),
    )
    if not parts:
        raise DeclarationError("chain: parts must be one or more, got none")
    _check(made)
    return made


def group(
    *parts: Asked | Step, name: str = "group", on_failure: OnFailure = OnFailure.FAIL
) -> Group:
    """All parts at once. Its result is the list of theirs, None for those that gave none.

    With ``OnFailure.FAIL`` it fails with the first that does, and those that wait are called off;
    else it ends when all have. Raises ``DeclarationError``.
    """
    made = Group(
        parts=_checked_parts("group", parts),
        name=_checked_name("group", name),
        on_failure=_checked_policy(name, on_failure),
    )
    _check(made)
    return made


def chord(
    parts: Group | Iterable[Asked | Step], callback: Asked | Step, *, name: str = "chord"
) -> Chain:
    """``callback`` once all of ``parts`` have ended well: a chain of the two.

    Within the callback ``result_of()`` is the list of their results. Raises ``DeclarationError``.
    """
    side = parts if isinstance(parts, Group) else group(*parts)
    return chain(side, callback, name=name)


def _check(made: Chain | Group | Workflow) -> None:
    from workerless.workflow.compiling import check  # noqa: PLC0415 -- it reads these values

    check(made)


def _checked_parts(whose: str, parts: Iterable[object]) -> tuple[Any, ...]:
    return tuple(one if isinstance(one, Step) else _checked_part(whose, one) for one in parts)


def _checked_part(whose: str, part: Any) -> Any:
    if isinstance(part, JobType):
        return part.with_()
    if not isinstance(part, Call | Chain | Group | Workflow):
        raise DeclarationError(
            f"{whose}: a part must be a job type, what its with_() gives, a chain, group, chord or "
            f"Workflow, got {_told(part)}"
        )
    return part


def _checked_name(whose: str, name: object) -> str:
    if not isinstance(name, str) or not NAME.fullmatch(name) or len(name) > MAX_NAME_LENGTH:
        raise DeclarationError(
            f"{whose}: name must be 1 to {MAX_NAME_LENGTH} lower-case letters and digits in words "
            f"joined by '_', got {_told(name)}"
        )
    return name


def _told(got: object) -> str:
    """What an error says of it; a list of parts would be pages."""
    if isinstance(got, Call):
        return f"{got.job_type.name}.with_(...)"
    if isinstance(got, Step):
        return f"step({got.name!r}, ...)"
    if isinstance(got, Iterable) and not isinstance(got, str | Payload):
        return f"a {type(got).__name__}; give its parts one by one, as in group(*parts)"
    return ascii(got)[:_MAX_TOLD]


def _checked_policy(whose: str, policy: object) -> OnFailure:
    if not isinstance(policy, OnFailure):
        allowed = ", ".join(f"OnFailure.{one.name}" for one in OnFailure)
        raise DeclarationError(f"{whose}: on_failure must be one of {allowed}, got {policy!r}")
    return policy
