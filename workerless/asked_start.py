"""By when a job must have begun. Pure."""

from datetime import datetime, timedelta

from workerless.errors import EnqueueRefusedError
from workerless.limits import MAX_WAIT


def start_by(expires_in: timedelta | None, delay: timedelta, now: datetime) -> datetime | None:
    """None for a job that may begin at any time.

    Raises ``EnqueueRefusedError`` for one that could never begin.
    """
    if expires_in is None:
        return None
    if not delay < expires_in <= MAX_WAIT:
        raise EnqueueRefusedError(
            f"expires_in must be above the delay ({delay}) and at most {MAX_WAIT}, "
            f"got {expires_in}",
            field="expires_in",
        )
    return now + expires_in
