"""What a caller may say of a batch or workflow, checked. Pure."""

from collections.abc import Mapping
from typing import Any

from workerless.errors import EnqueueRefusedError
from workerless.frozen import frozen
from workerless.membership import CONTAINER_ID
from workerless.message import TENANT
from workerless.tag import checked_tags

_MAX_TEXT, _MAX_DESCRIPTION = 256, 500


@frozen
class AskedContainer:
    """As it was said."""

    tenant: str | None
    correlation_id: str | None
    description: str | None
    tags: tuple[str, ...]


def checked(told: Mapping[str, Any], *, container_id: str | None) -> AskedContainer:
    """Raises ``EnqueueRefusedError`` naming the option, what it got and what is allowed."""
    tenant, description = told.get("tenant"), told.get("description")
    correlation_id = told.get("correlation_id")
    fits = container_id is None or CONTAINER_ID.fullmatch(container_id)
    _check("id", container_id, fits, f"text matching {CONTAINER_ID.pattern}")
    _check("tenant", tenant, tenant is None or TENANT.fullmatch(tenant), TENANT.pattern)
    for field, text, most in (
        ("correlation_id", correlation_id, _MAX_TEXT),
        ("description", description, _MAX_DESCRIPTION),
    ):
        is_text = text is None or (0 < len(text) <= most and text.isprintable())
        _check(field, text, is_text, f"1 to {most} printable characters")
    try:
        tags = checked_tags(told.get("tags", ()))
    except ValueError as error:
        raise EnqueueRefusedError(str(error), field="tags") from error
    return AskedContainer(
        tenant=tenant, correlation_id=correlation_id, description=description, tags=tags
    )


def _check(field: str, got: object, fits: object, allowed: str) -> None:
    if not fits:
        raise EnqueueRefusedError(f"{field} must be {allowed}, got {got!r}", field=field)
