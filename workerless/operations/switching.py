"""Mappings on or off, as the settings of their job type say, whoever turned them last.

A paused job type's mapping is switched off: reserved concurrency of zero would burn its messages'
receives. The settings are written first, so whoever dies in between, or is refused by Lambda while
a mapping is still changing, leaves the rest to the operator function, which looks each minute. It
also undoes what a deployment switched on again, and ends pauses whose time is over.
"""

from collections.abc import Callable
from dataclasses import replace as changed

from workerless.errors import StoreUnavailableError, WorkerlessError
from workerless.flow.settings import FlowSettings
from workerless.frozen import replace
from workerless.operations.audit import AuditTrail
from workerless.operations.desk import Desk
from workerless.ports import Address

MAX_RACES = 10
_OFF = frozenset({"Disabled", "Disabling"})


def change(name: str, desk: Desk, to: Callable[[FlowSettings], FlowSettings]) -> FlowSettings:
    """The settings called ``name`` after ``to`` has made others of them, whoever else changes them.

    Raises ``StoreUnavailableError``, and whatever ``to`` raises.
    """
    for _ in range(MAX_RACES):
        (read,) = desk.settings.read_many([name])
        new = to(read)
        if new == read or desk.settings.save(name, new):
            return new
    raise StoreUnavailableError(f"the settings of {name} change all the time; try again")


def switch(address: Address, desk: Desk) -> None:
    """Have the mappings of a job type bring messages, or none, as its settings say.

    Looks again after it has switched: somebody else may have acted on newer settings meanwhile.
    Raises ``PlatformUnavailableError``, also while a mapping is still changing, and
    ``StoreUnavailableError``.
    """
    name, is_ours = address.job_type, False
    for _ in range(MAX_RACES):
        (settings,) = desk.settings.read_many([name])
        is_paused = settings.paused(None, desk.clock.now()) is not None
        if not (is_paused or settings.is_off or is_ours):
            return
        _turn(address, desk, on=not is_paused)
        is_ours = True
        (after,) = desk.settings.read_many([name])
        if after.version != settings.version:
            continue
        if is_paused or not settings.is_off or desk.settings.save(name, _on(settings)):
            return


def keep_switched(desk: Desk) -> int:
    """See to every job type once; how many are paused. What fails is told, and tried again later.

    Raises ``StoreUnavailableError``, and ``WorkerlessError`` where the stage cannot be read.
    """
    addresses = desk.directory.all()
    known = desk.settings.read_many([one.job_type for one in addresses])
    now, paused = desk.clock.now(), 0
    for address, settings in zip(addresses, known, strict=True):
        if not (settings.pauses or settings.is_off):
            continue
        try:
            _end_what_is_over(address.job_type, settings, desk)
            switch(address, desk)
        except WorkerlessError as error:
            desk.telemetry.trouble("pause_not_kept", error, job_type=address.job_type)
        paused += any(one.holds(now) for one in settings.pauses)
    return paused


def _end_what_is_over(name: str, settings: FlowSettings, desk: Desk) -> None:
    now = desk.clock.now()
    over = [one for one in settings.pauses if not one.holds(now)]
    if not over:
        return
    audit = AuditTrail(changed(desk, by=lambda: "workerless"))
    for pause in over:
        on = name if pause.tenant is None else f"{name} tenant {pause.tenant}"
        with audit.noted("resume", on, why=f"its time was over; paused by {pause.by}: {pause.why}"):
            change(name, desk, _without(pause.tenant, desk))


def _without(tenant: str | None, desk: Desk) -> Callable[[FlowSettings], FlowSettings]:
    """Unless somebody has paused it anew."""

    def ended(settings: FlowSettings) -> FlowSettings:
        pause = settings.pause_of(tenant)
        is_over = pause is not None and not pause.holds(desk.clock.now())
        return settings.without_pause(tenant) if is_over else settings

    return ended


def _turn(address: Address, desk: Desk, *, on: bool) -> None:
    for mapping in desk.platform.mappings(address):
        if (mapping.state not in _OFF) is not on:
            desk.platform.switch(mapping, on=on)


def _on(settings: FlowSettings) -> FlowSettings:
    return replace(settings, is_off=False)
