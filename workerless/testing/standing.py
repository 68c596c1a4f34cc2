"""Whether a record is still what somebody takes it for."""

from workerless.record import Record


def is_as_it_was(record: Record | None, seen: Record | None) -> bool:
    """Whether nobody has changed it since it was seen."""
    if record is None or seen is None:
        return record is seen
    return (record.state, record.generation, record.updated_at) == (
        *(seen.state, seen.generation, seen.updated_at),
    )
