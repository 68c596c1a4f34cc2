"""A job's place in the line of a rate limit, as its record notes it. Pure."""

from datetime import timedelta

from workerless.flow.pacing import Ask, Pace, at_pace, is_of_another_pace, is_patient
from workerless.frozen import frozen, replace
from workerless.limits import MAX_DELAY
from workerless.outcome import Waiting
from workerless.record import Record

WHY = "rate_limit"
_MICROSECOND = timedelta(microseconds=1)
# While nothing may start, a job looks again ever less often, up to each 15 minutes.
_FIRST_LOOK = timedelta(seconds=30)
_MOST_LOOKS = 10


@frozen
class Place:
    """``due_us`` is when the job comes back for its slot, 0 where it has no place.

    ``interval_us`` is that of the pace at which it was given, ``looks`` how often the job met a
    limit of nothing.
    """

    gate: str
    due_us: int = 0
    interval_us: int = 0
    looks: int = 0

    def at_pace(self, pace: Pace, now_us: int) -> "Place":
        """The same place, where the limit is another since it was given."""
        if self.due_us == 0 or not is_of_another_pace(self.interval_us, pace.interval_us):
            return self
        before, after = self.interval_us, pace.interval_us
        due_us = at_pace(self.due_us, now_us, before=before, after=after)
        return replace(self, due_us=due_us, interval_us=after)

    def is_due(self, now_us: int) -> bool:
        """Whether the job has waited, and may have a slot whatever the line says."""
        return 0 < self.due_us <= now_us

    def is_kept(self, ask: Ask) -> bool:
        """Whether the job need not go to the end of the line where it finds no slot."""
        return self.due_us > 0 and is_patient(self.due_us, ask)

    def waits(self, now_us: int, *, at_least_until: int = 0) -> Waiting:
        """It waits until it is due, or longer where it knows that there is no slot till then."""
        return self._waiting(max(self.due_us, at_least_until) - now_us)

    def looks_again(self) -> Waiting:
        """It waits for the limit to allow anything at all."""
        again = replace(self, looks=min(self.looks + 1, _MOST_LOOKS))
        delay = min(_FIRST_LOOK * 2**self.looks, MAX_DELAY)
        return again._waiting(delay // _MICROSECOND)  # noqa: SLF001 -- ours

    def _waiting(self, delay_us: int) -> Waiting:
        delay = max(delay_us, 0) * _MICROSECOND
        note = f"{self.due_us} {self.interval_us} {self.looks}"
        return Waiting(delay=delay, why=WHY, notes={self.gate: note})


def place_of(gate: str, record: Record) -> Place:
    """The place that ``record`` notes, if any."""
    note = (record.waits or {}).get(gate, "").split(" ")
    try:
        due_us, interval_us, looks = (int(part) for part in note)
    except ValueError:  # none, or a later version's
        return Place(gate=gate)
    return Place(gate=gate, due_us=due_us, interval_us=interval_us, looks=looks)
