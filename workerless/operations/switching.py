"""Mappings on or off, as the settings of their job type say, whoever turned them last.

A paused job type's mapping is switched off: reserved concurrency of zero would burn its messages'
receives. The settings are written first, so whoever dies in between, or is refused by Lambda while
a mapping is still changing, leaves the rest to the operator function, which looks each minute. It
also undoes what a deployment switched on again, ends pauses whose time is over, and keeps off the
mappings of what containers run.
"""

from collections.abc import Callable
from dataclasses import replace as changed
from functools import partial

from workerless.audit import AuditTrail
from workerless.errors import StoreUnavailableError, WorkerlessError
from workerless.flow.settings import FlowSettings, Pause, told_scope
from workerless.frozen import replace
from workerless.operations.desk import Desk
from workerless.ports import Address
from workerless.sending import lane_of

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
        if not (is_ours or _is_to_be_seen_to(address, settings)):
            return
        if is_ours and not settings.is_off:
            # Whoever took that away had not seen what we switched: should Lambda refuse us now,
            # the operator function knows of it.
            change(name, desk, _off)
            continue
        some_off = _turn(address, settings, desk)
        is_ours = True
        (after,) = desk.settings.read_many([name])
        if after.version != settings.version:
            continue
        if some_off or not settings.is_off or desk.settings.save(name, _on(settings)):
            return


def keep_switched(desk: Desk) -> int:
    """See to every job type once; how many are paused. What fails is told, and tried again later.

    Raises ``StoreUnavailableError``, and ``WorkerlessError`` where the stage cannot be read.
    """
    addresses = desk.directory.all()
    known = desk.settings.read_many([one.job_type for one in addresses])
    now, paused = desk.clock.now(), 0
    for address, settings in zip(addresses, known, strict=True):
        if not _is_to_be_seen_to(address, settings):
            continue
        try:
            _end_what_is_over(address.job_type, settings, desk)
            switch(address, desk)
        except WorkerlessError as error:
            desk.telemetry.trouble("pause_not_kept", error, job_type=address.job_type)
        paused += any(one.holds(now) for one in settings.pauses)
    return paused


def _is_to_be_seen_to(address: Address, settings: FlowSettings) -> bool:
    return bool(settings.pauses) or settings.is_off or address.in_containers


def _end_what_is_over(name: str, settings: FlowSettings, desk: Desk) -> None:
    now = desk.clock.now()
    over = [one for one in settings.pauses if not one.holds(now)]
    if not over:
        return
    audit = AuditTrail(changed(desk, by=lambda: "workerless"))
    for pause in over:
        why = f"its time was over; paused by {pause.by}: {pause.why}"
        with audit.noted("resume", told_scope(name, pause.scope), why=why):
            change(name, desk, partial(_without, pause))


def _without(pause: Pause, settings: FlowSettings) -> FlowSettings:
    """Unless somebody has paused it anew."""
    kept = tuple(one for one in settings.pauses if one != pause)
    return replace(settings, pauses=kept)


def _turn(address: Address, settings: FlowSettings, desk: Desk) -> bool:
    """Switch what is not as it shall be; whether some mapping shall be off."""
    now, some_off = desk.clock.now(), False
    for mapping in desk.platform.mappings(address):
        is_paused = settings.paused(now, lane=lane_of(address, mapping.queue)) is not None
        on = not is_paused and not address.in_containers
        some_off = some_off or is_paused
        if (mapping.state not in _OFF) is not on:
            desk.platform.switch(mapping, on=on)
    return some_off


def _off(settings: FlowSettings) -> FlowSettings:
    return replace(settings, is_off=True)


def _on(settings: FlowSettings) -> FlowSettings:
    return replace(settings, is_off=False)
