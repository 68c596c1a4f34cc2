"""A schedule that a service makes and deletes again: minutes of waiting, while all others run."""

import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Event
from typing import Any

from workerless import Cron, JobType, Schedule, State
from workerless.client import Client, connect

_PATIENCE_SECONDS = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What came of it: all ids of its jobs, and whether it is still listed in the end.

    ``deleted_at`` is an instant as ids have it; the last of them was looked for a minute later.
    """

    is_new: bool
    tenant: str | None
    deleted_at: str
    ids: list[str]
    is_listed: bool


@contextmanager
def going_on(job_types: Mapping[str, JobType[Any, Any]]) -> Iterator[Future[Told]]:
    """Made at once, while boto3 must talk to the cloud; the rest goes on in a thread."""
    client, ticking, stop = connect("local"), job_types["ticking"], Event()
    schedules = client.schedules
    when, payload = Cron("* * * * *", timezone="Asia/Kathmandu"), {"text": "<{{x}}>"}
    acme = Schedule("Acme.2", when, ticking.payload.model_validate(payload), tenant="acme")
    kept = schedules.put(ticking, acme, why="they asked")
    schedule_id = kept.stand.schedule_id

    def see_to_its_end() -> Told:
        (first, *_) = _await(client, stop, lambda one: one.startswith(f"{schedule_id}:"))
        schedules.delete(schedule_id)
        deleted_at = datetime.now(UTC)
        later = _as_in_ids(deleted_at + timedelta(minutes=1))
        _await(client, stop, lambda one: one.startswith("ticking-often:") and one[-16:] > later)
        return Told(
            is_new=kept.created,
            tenant=client.job(first).status().tenant,
            deleted_at=_as_in_ids(deleted_at),
            ids=_await(client, stop, lambda one: one.startswith(f"{schedule_id}:")),
            is_listed=schedule_id in {one.schedule_id for one in schedules.list().found},
        )

    with ThreadPoolExecutor(max_workers=1) as thread:
        try:
            yield thread.submit(see_to_its_end)
        finally:
            stop.set()


def _await(client: Client, stop: Event, is_meant: Callable[[str], bool]) -> list[str]:
    """The ids of the completed jobs that are meant, once there is one."""
    give_up_at = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < give_up_at and not stop.wait(1):
        found = client.list("ticking", State.COMPLETED, limit=200).records
        if ids := [one.job_id for one in found if is_meant(one.job_id)]:
            return ids
    raise AssertionError("no such job has completed in five minutes, or nobody waits any more")


def _as_in_ids(instant: datetime) -> str:
    return f"{instant:%Y%m%dT%H%M%SZ}"
