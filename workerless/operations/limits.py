"""Limits in people's hands: what holds instead of the declared ones, until somebody takes it back.

They are the stage's, by name: job types that share a limit have one word on it.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from workerless.audit import AuditTrail
from workerless.errors import JobStateError, OperationRefusedError
from workerless.flow.concurrency import MAX_LIMIT as MAX_KEYS
from workerless.flow.concurrency import rule_of
from workerless.flow.settings import STAGE, FlowSettings, Override
from workerless.frozen import replace
from workerless.job_type import JobType
from workerless.operations.desk import Desk
from workerless.operations.switching import change

MAX_LIMIT = 1_000_000
MAX_PER = timedelta(days=31)
_NAME = re.compile(r"(rate|keys):[A-Za-z0-9_.-]{1,90}")
_MAX_WHY = 500


class LimitControl:
    """Those of one stage, in the hands of one operator."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def list(self) -> Mapping[str, Override]:
        """Those in force, by the limits' names."""
        (stage,) = self._desk.settings.read_many([STAGE])
        return stage.overrides

    def set(self, name: str, limit: int, *, why: str, per: timedelta | None = None) -> Override:
        """Have ``limit`` hold instead of the declared one, in the place of an earlier word on it.

        Workers know within two seconds; 0 stops what it limits. Raises ``OperationRefusedError``.
        """
        _check(name, limit, per=per, why=why)
        self._check_that_it_is_there(name)
        desk = self._desk
        override = Override(by=desk.by(), at=desk.clock.now(), why=why, limit=limit, per=per)

        def overridden(settings: FlowSettings) -> FlowSettings:
            return replace(settings, overrides={**settings.overrides, name: override})

        on = f"{name} {limit}" + (f" per {per}" if per else "")
        with AuditTrail(desk).noted("set limit", on, why=why):
            change(STAGE, desk, overridden)
        return override

    def clear(self, name: str, *, why: str | None = None) -> Override:
        """Have the declared limit hold again; what held instead.

        Raises ``JobStateError`` where nothing did.
        """
        ended: list[Override] = []

        def cleared(settings: FlowSettings) -> FlowSettings:
            kept = dict(settings.overrides)
            if name not in kept:
                raise JobStateError(f"limit {name!a:.120} is as it was declared")
            ended[:] = [kept.pop(name)]
            return replace(settings, overrides=kept)

        with AuditTrail(self._desk).noted("clear limit", name, why=why):
            change(STAGE, self._desk, cleared)
        return ended[0]

    def _check_that_it_is_there(self, name: str) -> None:
        """As far as the declarations are at hand: a misspelt limit would limit nothing."""
        known: set[str] = set()
        for address in self._desk.directory.all():
            job_type = self._desk.declared(address.job_type)
            if job_type is None:
                return
            known |= set(_limits_of(job_type))
        if name not in known:
            there_is = ", ".join(sorted(known)) or "none"
            raise OperationRefusedError(f"name must be that of a limit, {there_is}, got {name!r}")


def _limits_of(job_type: JobType[Any, Any]) -> Iterator[str]:
    for one in job_type.rate_limits:
        yield f"rate:{one.named(job_type.name)}"
    rule = rule_of(job_type)
    if rule is not None:
        yield f"keys:{rule.group or job_type.name}"


def _check(name: str, limit: int, *, per: timedelta | None, why: str) -> None:
    if not _NAME.fullmatch(name):
        raise OperationRefusedError(f"name must match {_NAME.pattern}, got {name!a:.120}")
    most = MAX_KEYS if name.startswith("keys:") else MAX_LIMIT
    if not 0 <= limit <= most:
        raise OperationRefusedError(f"limit must be between 0 and {most} for {name}, got {limit}")
    if per is not None and not (
        name.startswith("rate:") and timedelta(seconds=1) <= per <= MAX_PER
    ):
        raise OperationRefusedError(
            f"per must be None, or between 1 s and {MAX_PER} for a rate, got {per}"
        )
    if not why.strip() or len(why) > _MAX_WHY:
        raise OperationRefusedError(
            f"why must be 1 to {_MAX_WHY} characters and not blank, got {why!a:.60}"
        )
