"""The flow of jobs in people's hands: pause, resume, and what is in force now."""

from datetime import datetime

from workerless.errors import JobStateError, OperationRefusedError, PlatformUnavailableError
from workerless.flow.settings import STAGE, FlowSettings, Pause, together
from workerless.frozen import replace
from workerless.message import TENANT
from workerless.operations.audit import AuditTrail
from workerless.operations.desk import Desk
from workerless.operations.switching import change, switch
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
        tenant: str | None = None,
    ) -> Pause:
        """Have no job of the type start, or none of one tenant, until then or until a resume.

        Jobs that run go on. A pause of the same is replaced. Once this returns the pause is kept;
        its mapping stops within a minute or so. Raises ``OperationRefusedError`` and
        ``UnknownJobTypeError``.
        """
        desk, address = self._desk, self._desk.directory.find(job_type)
        now = desk.clock.now()
        _check(address, why=why, until=until, tenant=tenant, now=now)
        pause = Pause(by=desk.by(), at=now, why=why, until=until, tenant=tenant)

        def paused(settings: FlowSettings) -> FlowSettings:
            held = settings.with_pause(pause)
            return held if tenant is not None else replace(held, is_off=True)

        with AuditTrail(desk).noted("pause", _on(address, tenant, until), why=why):
            change(address.job_type, desk, paused)
        self._switch(address)
        return pause

    def resume(self, job_type: str, *, why: str | None = None, tenant: str | None = None) -> Pause:
        """End a pause; the pause that it was.

        Raises ``UnknownJobTypeError``, and ``JobStateError`` where there is none.
        """
        desk, address = self._desk, self._desk.directory.find(job_type)
        ended: list[Pause] = []

        def resumed(settings: FlowSettings) -> FlowSettings:
            pause = settings.pause_of(tenant)
            if pause is None:
                raise JobStateError(f"{_on(address, tenant)} is not paused")
            ended[:] = [pause]
            return settings.without_pause(tenant)

        with AuditTrail(desk).noted("resume", _on(address, tenant), why=why):
            change(address.job_type, desk, resumed)
        self._switch(address)
        return ended[0]

    def _switch(self, address: Address) -> None:
        """At once if Lambda lets us; else the operator function does it within a minute."""
        try:
            switch(address, self._desk)
        except PlatformUnavailableError as error:
            self._desk.telemetry.trouble("not_switched_yet", error, job_type=address.job_type)


def _on(address: Address, tenant: str | None, until: datetime | None = None) -> str:
    """As the audit names it."""
    whose = f" tenant {tenant}" if tenant is not None else ""
    return f"{address.job_type}{whose}" + (f" until {until.isoformat()}" if until else "")


def _check(
    address: Address, *, why: str, until: datetime | None, tenant: str | None, now: datetime
) -> None:
    if not why.strip() or len(why) > _MAX_WHY:
        raise OperationRefusedError(f"why must be 1 to {_MAX_WHY} characters, got {len(why)}")
    if until is not None and until <= now:
        raise OperationRefusedError(
            f"until must be later than now, {now.isoformat()}, got {until.isoformat()}"
        )
    if tenant is None:
        return
    if not TENANT.fullmatch(tenant):
        raise OperationRefusedError(f"tenant must match {TENANT.pattern}, got {tenant!a:.60}")
    if address.tracking is Tracking.OFF:
        raise OperationRefusedError(
            f"tenant must be None for {address.job_type}: with tracking off its jobs have no "
            "record in which they could wait; pause the whole type"
        )
