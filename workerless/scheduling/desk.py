"""What who handles schedules works with: part of an operator's desk, and all of a service's."""

from collections.abc import Callable
from typing import Any, Protocol

from workerless.audit import Signing
from workerless.job_type import JobType
from workerless.operator_ports import OperatorStore
from workerless.ports import Directory, Queue, Telemetry
from workerless.schedule_ports import Scheduler, StandStore


class ScheduleDesk(Signing, Protocol):
    """``declared`` is the declaration of a job type, None where it is not at hand."""

    @property
    def store(self) -> OperatorStore: ...

    @property
    def queue(self) -> Queue: ...

    @property
    def directory(self) -> Directory: ...

    @property
    def telemetry(self) -> Telemetry: ...

    @property
    def stands(self) -> StandStore: ...

    @property
    def scheduler(self) -> Scheduler: ...

    @property
    def declared(self) -> Callable[[str], JobType[Any, Any] | None]: ...
