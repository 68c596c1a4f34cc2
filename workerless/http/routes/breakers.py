"""Circuit breakers: how they stand, and closing one by hand."""

from datetime import datetime

from workerless.flow.breaker import Breaker
from workerless.http.desk import Desk
from workerless.http.shape import Reason
from workerless.http.shape_of_limit import BreakerList, BreakerShape

_TAGS = ["limits"]


def add(desk: Desk) -> None:
    """Adds ``/breakers`` and closing one of them."""

    @desk.app.get("/breakers", operation_id="listBreakers", tags=_TAGS)
    def list_breakers() -> BreakerList:
        """The breakers of what the deployed job types need."""
        found, now = desk.operations.breakers.list(), desk.clock.now()
        return BreakerList(breakers=[_shape(name, one, now) for name, one in found.items()])

    @desk.app.post("/breakers/<name>/close", operation_id="closeBreaker", tags=_TAGS)
    def close(name: str, reason: Reason) -> BreakerShape:
        """Have jobs start again at once, slowly at first; how it stood."""
        was = desk.operations.breakers.close(name, why=reason.why)
        return _shape(name, was, desk.clock.now())


def _shape(name: str, one: Breaker, now: datetime) -> BreakerShape:
    until = one.shut_until(now)
    return BreakerShape(
        name=name,
        stand=one.stand(now).value,
        until=until if until > now else None,
        failures=one.failures,
        in_a_row=one.trips,
    )
