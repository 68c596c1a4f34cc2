"""Limits: what holds instead of the declared ones."""

from datetime import timedelta

from workerless.flow.settings import Override
from workerless.http.desk import Desk
from workerless.http.shape_of_dead import Word
from workerless.http.shape_of_limit import LimitList, LimitShape, SetLimit

_TAGS = ["limits"]


def add(desk: Desk) -> None:
    """Adds ``/limits`` and the routes about one of them."""

    @desk.app.get("/limits", operation_id="listLimits", tags=_TAGS)
    def list_limits() -> LimitList:
        """The limits that somebody changed."""
        found = desk.operations.limits.list()
        return LimitList(limits=[_shape(name, one) for name, one in found.items()])

    @desk.app.post("/limits/<name>", operation_id="setLimit", tags=_TAGS)
    def set_limit(name: str, wanted: SetLimit) -> LimitShape:
        """Have another limit hold, within two seconds, until it is cleared."""
        per = timedelta(milliseconds=wanted.per_ms) if wanted.per_ms is not None else None
        limits = desk.operations.limits
        return _shape(name, limits.set(name, wanted.limit, why=wanted.why, per=per))

    @desk.app.post("/limits/<name>/clear", operation_id="clearLimit", tags=_TAGS)
    def clear(name: str, word: Word | None = None) -> LimitShape:
        """Have the declared limit hold again; what held instead."""
        why = word.why if word else None
        return _shape(name, desk.operations.limits.clear(name, why=why))


def _shape(name: str, override: Override) -> LimitShape:
    return LimitShape.model_validate({"name": name, **override.shape()})
