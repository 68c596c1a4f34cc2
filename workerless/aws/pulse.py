"""The heartbeat of a stage: one item of its table."""

from datetime import datetime

from workerless.aws.item import Item
from workerless.aws.table import Refused, Table
from workerless.aws.update import Update
from workerless.aws.value import instant, read_instant
from workerless.pulse import GAP, Pulse

_KEY: Item = {"pk": {"S": "PULSE"}, "sk": {"S": "SWEEPER"}}


class DynamoPulses:
    """One write a minute; a second one only after a gap."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def beat(self, now: datetime) -> None:
        """As ``pulse.beaten`` says, without reading first."""
        goes_on = Update(
            condition="#beaten_at >= :gap_ago",
            changes={"beaten_at": instant(now)},
            values={":gap_ago": instant(now - GAP)},
        )
        anew = Update(
            condition="attribute_not_exists(#beaten_at) OR #beaten_at < :gap_ago",
            changes={"beaten_at": instant(now), "beats_since": instant(now)},
            values={":gap_ago": instant(now - GAP)},
        )
        # Of two sweepers that begin anew at once the second is refused, and need not try again.
        if isinstance(self._table.update(_KEY, goes_on), Refused):
            self._table.update(_KEY, anew)

    def last(self) -> Pulse | None:
        (item,) = self._table.read([_KEY])
        if item is None:
            return None
        return Pulse(since=read_instant(item["beats_since"]), at=read_instant(item["beaten_at"]))
