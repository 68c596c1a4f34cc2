"""Instants as people write them: ``2026-11-01``, ``2026-11-01T09:00``, with ``+01:00`` or not."""

from datetime import UTC, datetime

from workerless.cli.failure import CommandError


def instant(option: str, text: str) -> datetime:
    """In UTC; without an offset it is UTC already. Raises ``CommandError`` naming ``option``."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise CommandError(
            f"{option} must be an instant as in ISO 8601, like 2026-11-01T09:00, got {text!r}"
        ) from error
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
