"""How much is kept of the jobs of a type: what it costs, and what can be promised for it."""

from datetime import timedelta
from enum import StrEnum

# SQS hides a message for at most 12 h from its receive; a batching window, an invocation and two
# clocks lie between that moment and ours.
MAX_UNTRACKED_WAIT = timedelta(hours=11)


class Tracking(StrEnum):
    """How much of a job is written down.

    ``FULL``: a record from the start, listed to its end. ``LEAN``: a record from the first start
    on, or from when the job is parked; it is listed only if it ends badly. ``OFF``: no record at
    all; SQS' receives are the attempts.
    """

    FULL = "full"
    LEAN = "lean"
    OFF = "off"
