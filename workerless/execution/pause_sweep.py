"""Says each minute what is paused: alarms on what stands still ask whether somebody meant it."""

from collections.abc import Sequence
from datetime import datetime

from workerless.errors import StoreUnavailableError
from workerless.flow.settings import STAGE, together
from workerless.flow_ports import SettingsStore
from workerless.ports import Telemetry


def tell_pauses(
    job_types: Sequence[str], store: SettingsStore, now: datetime, telemetry: Telemetry
) -> None:
    """A line for each job type of which all jobs, or those of a lane, do not start.

    A pause of one tenant stops no queue.
    """
    try:
        stage, *each = store.read_many([STAGE, *job_types])
    except StoreUnavailableError as error:
        telemetry.trouble("store_unavailable", error)
        return
    for job_type, own in zip(job_types, each, strict=True):
        pauses = together(own, stage).pauses
        if any(pause.tenant is None and pause.holds(now) for pause in pauses):
            telemetry.transition({"event": "queue.paused", "job_type": job_type})
