"""The last jobs of keys as one process reaches them; every place that is taken is noted."""

from collections.abc import Sequence

from tests.simulation.fault import CALL
from tests.simulation.history import Wrote
from tests.simulation.process import Process, Unreachable
from workerless.errors import StoreUnavailableError
from workerless.record import Record
from workerless.unique_ports import Known, Place


class RemoteUniqueStore:
    """A place a call. A call that is repeated meets what it did the first time."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._ground = process.ground

    def known_many(self, records: Sequence[Record]) -> list[Known]:
        try:
            return self._process.call(
                "look for its like", CALL, lambda _: self._ground.unique.known_many(records)
            )
        except Unreachable as error:
            raise StoreUnavailableError(str(error)) from error

    def place_many(self, places: Sequence[Place]) -> list[bool]:
        return [self._place(place) for place in places]

    def _place(self, place: Place) -> bool:
        try:
            return self._process.call("place", CALL, lambda _: self._noted(place))
        except Unreachable as error:
            raise StoreUnavailableError(str(error)) from error

    def _noted(self, place: Place) -> bool:
        ground, store = self._ground, self._ground.store
        ids = [one for one in (place.record.job_id, place.known.last_id) if one is not None]
        before = store.get_many(ids)
        is_taken = ground.unique.place_many([place])[0]
        # The end of the one before comes first: both are one write.
        for old, new in reversed(list(zip(before, store.get_many(ids), strict=True))):
            if new is not None and new is not old:
                at = place.record.updated_at
                by = self._process.name
                ground.tell(Wrote(by=by, call="place", token=None, now=at, before=old, after=new))
        return is_taken
