"""What follows an attempt that died: whether its effects happened, nobody knows."""

from enum import StrEnum


class OnUnknownOutcome(StrEnum):
    """``RETRY`` runs the job again, for handlers that may be repeated: most should be.

    ``HOLD`` lets it wait for a person, who looks and then promotes or cancels it; ``FAIL`` ends it.
    Neither starts a handler again without a person's word.
    """

    RETRY = "retry"
    HOLD = "hold"
    FAIL = "fail"
