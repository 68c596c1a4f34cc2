"""Says each minute what is paused: alarms on what stands still ask whether somebody meant it."""

from collections.abc import Sequence
from datetime import datetime

from workerless.errors import StoreUnavailableError
from workerless.flow.settings import STAGE, together
from workerless.flow_ports import SettingsStore
from workerless.ports import Telemetry

# A metric filter counts it by its fields.
LANE_PAUSED = "lane.paused"


def tell_pauses(
    job_types: Sequence[str], store: SettingsStore, now: datetime, telemetry: Telemetry
) -> None:
    """A line for each job type of which no job starts, else for each lane of which none does.

    A pause of one tenant stops no queue.
    """
    try:
        stage, *each = store.read_many([STAGE, *job_types])
    except StoreUnavailableError as error:
        telemetry.trouble("store_unavailable", error)
        return
    for job_type, own in zip(job_types, each, strict=True):
        pauses = [one for one in together(own, stage).pauses if one.holds(now)]
        if any(one.is_whole for one in pauses):
            telemetry.transition({"event": "queue.paused", "job_type": job_type})
            continue
        for lane in sorted({one.lane for one in pauses if one.lane and one.tenant is None}):
            telemetry.transition({"event": LANE_PAUSED, "job_type": job_type, "lane": lane})
