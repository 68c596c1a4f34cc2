"""What a role may do, collected: what several job types need alike is one statement.

A role's own policies have 10,240 characters, and a pool's function has the rights of all members.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from aws_cdk.aws_iam import PolicyStatement

RECORDS = (
    "dynamodb:PutItem",
    "dynamodb:UpdateItem",
    # The same two in batches.
    "dynamodb:PartiQLInsert",
    "dynamodb:PartiQLUpdate",
)
WRITE_FILES = ("s3:PutObject", "s3:PutObjectTagging", "s3:GetObjectTagging")

type Where = Mapping[str, Mapping[str, Sequence[str]]]


@dataclass(slots=True, kw_only=True)
class _Right:
    actions: tuple[str, ...]
    resources: dict[str, None] = field(default_factory=dict)
    where: dict[str, dict[str, list[str]]] = field(default_factory=dict)


class Rights:
    """By their names; what is allowed again under one adds its resources and values."""

    def __init__(self) -> None:
        self._rights: dict[str, _Right] = {}

    def allow(
        self, name: str, actions: tuple[str, ...], *resources: str, where: Where | None = None
    ) -> None:
        """``where`` are conditions, each operator with its keys and their values."""
        right = self._rights.setdefault(name, _Right(actions=actions))
        right.resources |= dict.fromkeys(resources)
        for operator, keys in (where or {}).items():
            for key, values in keys.items():
                known = right.where.setdefault(operator, {}).setdefault(key, [])
                known += [value for value in values if value not in known]

    def statements(self) -> Iterable[PolicyStatement]:
        """In the order in which they were first allowed."""
        for name, right in self._rights.items():
            yield PolicyStatement(
                sid=name,
                actions=list(right.actions),
                resources=list(right.resources),
                conditions=right.where or None,
            )
