"""The flow of jobs in people's hands: pause, resume, and what is in force now."""

from datetime import datetime

from workerless.audit import AuditTrail
from workerless.errors import JobStateError, OperationRefusedError, PlatformUnavailableError
from workerless.flow.settings import STAGE, FlowSettings, Pause, together, told_scope
from workerless.frozen import replace
from workerless.message import TENANT
from workerless.operations.desk import Desk
from workerless.operations.switching import change, switch
from workerless.operations.waking import wake
from workerless.ports import Address
from workerless.tracking import Tracking

_MAX_WHY = 500


class FlowControl:
    """That of one stage, in the hands of one operator."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def settings(self, job_type: str) -> FlowSettings:
        """What is in force for a job type. Raises ``UnknownJobTypeError``."""
        name = self._desk.directory.find(job_type).job_type
        own, stage = self._desk.settings.read_many([name, STAGE])
        return together(own, stage)

    def pause(
        self,
        job_type: str,
        *,
        why: str,
        until: datetime | None = None,
        lane: str | None = None,
        tenant: str | None = None,
    ) -> Pause:
        """Have no job of the type start, of one lane or of one tenant, until then or a resume.

        Jobs that run go on. A pause of the same is replaced. Once this returns the pause is kept;
        its mapping stops within a minute or so. Raises ``OperationRefusedError`` and
        ``UnknownJobTypeError``.
        """
        desk, address = self._desk, self._desk.directory.find(job_type)
        now = desk.clock.now()
        pause = Pause(by=desk.by(), at=now, why=why, until=until, lane=lane, tenant=tenant)
        _check(address, pause)

        def paused(settings: FlowSettings) -> FlowSettings:
            held = settings.with_pause(pause)
            return held if tenant is not None else replace(held, is_off=True)

        on = told_scope(address.job_type, (lane, tenant))
        with AuditTrail(desk).noted(
            "pause", f"{on} until {until.isoformat()}" if until else on, why=why
        ):
            change(address.job_type, desk, paused)
        self._switch(address)
        return pause

    def resume(
        self,
        job_type: str,
        *,
        why: str | None = None,
        lane: str | None = None,
        tenant: str | None = None,
    ) -> Pause:
        """End a pause; the pause that it was. Those of its jobs that were held back run now.

        Raises ``UnknownJobTypeError``, and ``JobStateError`` where there is none.
        """
        desk, address = self._desk, self._desk.directory.find(job_type)
        on = told_scope(address.job_type, (lane, tenant))
        ended: list[Pause] = []

        def resumed(settings: FlowSettings) -> FlowSettings:
            pause = settings.pause_of(lane=lane, tenant=tenant)
            if pause is None:
                raise JobStateError(f"{on} is not paused")
            ended[:] = [pause]
            return settings.without_pause(pause.scope)

        with AuditTrail(desk).noted("resume", on, why=why):
            change(address.job_type, desk, resumed)
        self._switch(address)
        wake(address.job_type, ended[0], desk)
        return ended[0]

    def _switch(self, address: Address) -> None:
        """At once if Lambda lets us; else the operator function does it within a minute."""
        try:
            switch(address, self._desk)
        except PlatformUnavailableError as error:
            self._desk.telemetry.trouble("not_switched_yet", error, job_type=address.job_type)


def _check(address: Address, pause: Pause) -> None:
    why, until, tenant = pause.why, pause.until, pause.tenant
    if not why.strip() or len(why) > _MAX_WHY:
        raise OperationRefusedError(
            f"why must be 1 to {_MAX_WHY} characters and not blank, got {why!a:.60}"
        )
    if until is not None and until <= pause.at:
        raise OperationRefusedError(
            f"until must be later than now, {pause.at.isoformat()}, got {until.isoformat()}"
        )
    if pause.lane is not None:
        _check_lane(address, pause.lane, tenant)
    if tenant is not None:
        _check_tenant(address, tenant)


def _check_lane(address: Address, lane: str, tenant: str | None) -> None:
    if tenant is not None:
        raise OperationRefusedError(f"lane or tenant must be None, got {lane!r} and {tenant!a:.60}")
    if lane not in address.lanes:
        there_is = ", ".join(address.lanes) or "none"
        raise OperationRefusedError(
            f"lane must be one of {address.job_type}'s, {there_is}, got {lane!a:.60}"
        )


def _check_tenant(address: Address, tenant: str) -> None:
    if not TENANT.fullmatch(tenant):
        raise OperationRefusedError(f"tenant must match {TENANT.pattern}, got {tenant!a:.60}")
    if address.tracking is Tracking.OFF:
        raise OperationRefusedError(
            f"tenant must be None for {address.job_type}: with tracking off its jobs have no "
            "record in which they could wait; pause the whole type"
        )
