"""The world of an operator: the ports, who it is, and the job types' declarations."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from workerless.deployed import Platform
from workerless.event_ports import EventStore
from workerless.flow_ports import BreakerStore, SettingsStore
from workerless.job_type import JobType
from workerless.ledger import Ledger
from workerless.operator_ports import OperatorQueue, OperatorStore
from workerless.orchestration.world import Orchestra
from workerless.ports import Blobs, Clock, Directory, Telemetry
from workerless.pulse import Pulses
from workerless.schedule_ports import Scheduler, StandStore
from workerless.spread import Spread, in_turn
from workerless.versions import Aliases


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What everything an operator does works with.

    ``by`` tells who acts; it is asked only when something is written. ``new_id`` gives ids that
    sort by time. ``declared`` is the declaration of a job type, None where it is not at hand.
    ``kick`` has the operator function look now; it never raises. ``orchestra`` is what workflows
    are moved on with. ``spread`` makes calls that need nothing of each other.
    """

    store: OperatorStore
    ledger: Ledger
    queue: OperatorQueue
    blobs: Blobs
    directory: Directory
    clock: Clock
    telemetry: Telemetry
    platform: Platform
    aliases: Aliases
    pulses: Pulses
    settings: SettingsStore
    breakers: BreakerStore
    stands: StandStore
    scheduler: Scheduler
    events: EventStore
    orchestra: Callable[[], Orchestra]
    by: Callable[[], str]
    new_id: Callable[[], str]
    declared: Callable[[str], JobType[Any, Any] | None]
    kick: Callable[[], None]
    spread: Spread = in_turn
