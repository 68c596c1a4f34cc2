"""What AWS rights a job's handler needs, as data: the stack turns it into its function's role.

Placeholders in resources, conditions and environment values, filled in by the stack:
``{partition}``, ``{region}``, ``{account}``, ``{stage}``, ``{bucket}`` (the project's bucket, its
bare name).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from string import Formatter

from workerless.errors import DeclarationError

PLACEHOLDERS = ("partition", "region", "account", "stage", "bucket")


@dataclass(frozen=True, slots=True, kw_only=True)
class Allow:
    """One IAM statement. Actions are exact; a resource is an ARN, a ``*`` only inside it.

    ``conditions`` are IAM's own, by operator and key: ``{"StringLike": {"s3:prefix": ("a/*",)}}``.
    """

    actions: tuple[str, ...]
    resources: tuple[str, ...]
    conditions: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for action in self.actions:
            if "*" in action or ":" not in action:
                raise DeclarationError(
                    f"actions must be exact, like 's3:GetObject', without '*', got {action!r}"
                )
        for resource in self.resources:
            if not resource.startswith("arn:"):
                raise DeclarationError(f"resources must be ARNs ('arn:...'), got {resource!r}")
            check_placeholders("resources", resource)
        for keys in self.conditions.values():
            for values in keys.values():
                _check_values(values)
        if not self.actions or not self.resources:
            raise DeclarationError("an Allow needs at least one action and one resource")


def _check_values(values: object) -> None:
    if not (isinstance(values, tuple) and values and all(isinstance(one, str) for one in values)):
        raise DeclarationError(f"conditions must have tuples of texts as values, got {values!r}")
    for value in values:
        check_placeholders("conditions", value)


def check_placeholders(where: str, template: str) -> None:
    """Raises ``DeclarationError`` when ``template`` has a placeholder no stack fills in."""
    if not _are_known(template):
        known = ", ".join("{" + name + "}" for name in PLACEHOLDERS)
        raise DeclarationError(f"{where} may hold only the placeholders {known}, got {template!r}")


def _are_known(template: str) -> bool:
    """Whether every placeholder is a bare name: no attribute, index, conversion or format."""
    try:
        parts = list(Formatter().parse(template))
    except ValueError:  # a brace without its other half
        return False
    return all(
        name is None or (name in PLACEHOLDERS and not conversion and not form)
        for _, name, form, conversion in parts
    )
