"""Circuit breakers in the stage's table: an item each, which goes a week after it last changed."""

from datetime import timedelta

from workerless.aws.table import Table
from workerless.aws.value import Value, expiry, number, text
from workerless.errors import RecordUnreadableError
from workerless.flow.breaker import NEW, Breaker, read_breaker, write_breaker
from workerless.flow.dependency import breaker_key
from workerless.ports import Clock

_KEPT = timedelta(days=7)


class DynamoBreakers:
    """Those of one stage."""

    def __init__(self, table: Table, clock: Clock) -> None:
        self._table, self._clock = table, clock

    def read(self, name: str) -> Breaker:
        (item,) = self._table.read([_key(name)])
        if item is None:
            return NEW
        try:
            return read_breaker(item["told"]["S"], int(item["version"]["N"]))
        except (LookupError, ValueError, TypeError, AttributeError) as error:
            raise RecordUnreadableError(
                f"item {item.get('pk')} is no breaker: {type(error).__name__}: {error}"
            ) from error

    def save(self, name: str, breaker: Breaker) -> bool:
        """True also where it stands there already, word for word."""
        told = text(write_breaker(breaker))
        new = {
            **_key(name),
            "version": number(breaker.version + 1),
            "told": told,
            "expires_at": expiry(self._clock.now() + _KEPT),
        }
        refused = self._table.put(
            new,
            condition="version = :read" if breaker.version else "attribute_not_exists(pk)",
            values={":read": number(breaker.version)} if breaker.version else None,
        )
        if refused is None:
            return True
        old = refused.old or {}
        return (old.get("version"), old.get("told")) == (new["version"], told)


def _key(name: str) -> dict[str, Value]:
    return {"pk": text(breaker_key(name)), "sk": text("STATE")}
