"""The lane that a caller asks for, by its name or by a priority. Pure."""

from collections.abc import Collection
from typing import TYPE_CHECKING

from workerless.errors import EnqueueRefusedError

if TYPE_CHECKING:
    from workerless.priority import Priority


def asked_lane(
    job_type: str,
    lanes: Collection[str],
    *,
    default: str | None,
    priority: "Priority | int | str | None",
    lane: str | None,
) -> str | None:
    """One of ``lanes``, those of ``job_type``; ``default`` where nothing is asked for.

    Raises ``EnqueueRefusedError`` naming what there is.
    """
    if priority is None and lane is None:
        return default
    if priority is not None and lane is not None:
        raise EnqueueRefusedError("give a priority or a lane, not both", field="lane")
    field = "lane" if priority is None else "priority"
    if not lanes:
        raise EnqueueRefusedError(
            f"{field} must be left out: job type {job_type} has no lanes", field=field
        )
    wanted = lane if priority is None else _lane_of(priority)
    if wanted is None or wanted not in lanes:
        raise EnqueueRefusedError(
            f"{field} must be one of the lanes of {job_type} ({', '.join(lanes)}), got {wanted!r}",
            field=field,
        )
    return wanted


def _lane_of(priority: "Priority | int | str") -> str:
    from workerless.priority import lane_of  # noqa: PLC0415 -- most callers never name one

    try:
        return lane_of(priority)
    except ValueError as error:
        raise EnqueueRefusedError(str(error), field="priority") from error
