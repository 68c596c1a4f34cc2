"""Circuit breakers as people see them: how each stands, and closing one by hand."""

from collections.abc import Mapping

from workerless.audit import AuditTrail
from workerless.errors import JobStateError, OperationRefusedError, StoreUnavailableError
from workerless.flow.breaker import Breaker, Stand, reset
from workerless.frozen import replace
from workerless.operations.desk import Desk

_MAX_RACES = 10
_MAX_WHY = 500


class BreakerControl:
    """Those of one stage, in the hands of one operator."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def list(self) -> Mapping[str, Breaker]:
        """How the breakers of all dependencies stand whose job types' declarations are at hand."""
        declared = [
            job_type
            for address in self._desk.directory.all()
            if (job_type := self._desk.declared(address.job_type)) is not None
        ]
        names = sorted({one.name for job_type in declared for one in job_type.needs})
        return {name: self._desk.breakers.read(name) for name in names}

    def close(self, name: str, *, why: str) -> Breaker:
        """Have jobs start again at once, slowly at first; it opens anew if these fail.

        How it stood. Raises ``OperationRefusedError``, and ``JobStateError`` where it holds nothing
        back.
        """
        if not why.strip() or len(why) > _MAX_WHY:
            raise OperationRefusedError(
                f"why must be 1 to {_MAX_WHY} characters and not blank, got {why!a:.60}"
            )
        with AuditTrail(self._desk).noted("close breaker", name, why=why):
            return self._closed(name)

    def _closed(self, name: str) -> Breaker:
        for _ in range(_MAX_RACES):
            now = self._desk.clock.now()
            known = self._desk.breakers.read(name)
            if known.stand(now) is Stand.CLOSED:
                raise JobStateError(f"breaker {name!a:.80} is closed: it holds nothing back")
            if self._desk.breakers.save(name, replace(reset(now), version=known.version)):
                return known
        raise StoreUnavailableError(f"breaker {name} changes all the time; try again")
