"""Schedules made at run time: put one, delete one."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query

from workerless.errors import DeclarationError, EnqueueRefusedError
from workerless.http.caller import Caller
from workerless.http.desk import Desk
from workerless.http.parameter import Text
from workerless.http.problem import Problem
from workerless.http.shape_of_dead import Done
from workerless.http.shape_of_schedule import KeptSchedule, PutSchedule
from workerless.http.view_of_schedule import schedule_shape
from workerless.operations.veiling import veiled
from workerless.schedule.stand import Stand
from workerless.schedule.when import read_when
from workerless.scheduling.dynamic import Kept
from workerless.scheduling.wanted import WantedSchedule

_TAGS = ["schedules"]
WhyDeleted = Annotated[Text | None, Query(alias="why", description="for the audit")]


def add(desk: Desk) -> None:
    """Adds ``PUT /schedules/{job_type}/{key}`` and ``DELETE /schedules/{schedule_id}``."""

    @desk.app.put("/schedules/<job_type>/<key>", operation_id="putSchedule", tags=_TAGS)
    def put(job_type: str, key: str, wanted: PutSchedule) -> KeptSchedule:
        """Make a schedule under a key of yours, or have it be like that from now on.

        Two tenants that chose the same key have two.
        """
        caller = desk.caller
        schedules = desk.operations.schedules.of(caller.tenant)
        with _refusals():
            plan = schedules.plan(job_type, _wanted(key, wanted, caller))
        if wanted.dry_run:
            kept = Kept(
                stand=Stand(schedule_id=plan.schedule_id, plan=plan), created=False, changed=False
            )
        else:
            kept = schedules.put(plan, why=wanted.why)
        return KeptSchedule(
            schedule=schedule_shape(
                veiled(kept.stand, desk.operations.jobs), {}, caller, desk.clock.now()
            ),
            created=kept.created,
            changed=kept.changed,
        )

    @desk.app.delete("/schedules/<schedule_id>", operation_id="deleteSchedule", tags=_TAGS)
    def delete(schedule_id: str, why: WhyDeleted = None) -> Done:
        """Have no tick of a schedule run any more; runs that began go on."""
        desk.operations.schedules.of(desk.caller.tenant).delete(schedule_id, why=why)
        return Done(success=True)


def _wanted(key: str, wanted: PutSchedule, caller: Caller) -> WantedSchedule:
    if caller.tenant is not None and wanted.tenant not in (None, caller.tenant):
        raise Problem(403, "forbidden", "the tenant must be your own", field="body.tenant")
    return WantedSchedule(
        key=key,
        when=read_when(wanted.when, wanted.timezone),
        data=wanted.data,
        overlap=wanted.overlap,
        missed=wanted.missed,
        window=timedelta(milliseconds=wanted.window_ms),
        tolerance=timedelta(milliseconds=wanted.tolerance_ms),
        start=wanted.start,
        end=wanted.end,
        spread=timedelta(milliseconds=wanted.spread_ms),
        tenant=caller.tenant or wanted.tenant,
        tags=tuple(wanted.tags),
    )


@contextmanager
def _refusals() -> Iterator[None]:
    """What is wrong with a schedule is wrong with the request."""
    try:
        yield
    except DeclarationError as error:
        raise Problem(400, "invalid_request", str(error)) from error
    except EnqueueRefusedError as error:
        is_data = (error.field or "").startswith("data")
        code = "invalid_payload" if is_data else "invalid_request"
        raise Problem(400, code, str(error), field=error.field) from error
