"""What an operator can do with the flow of jobs: pauses, limits, breakers. Part of ``service``."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Protocol

from workerless.flow.breaker import Breaker
from workerless.flow.settings import FlowSettings, Override, Pause


class Flow(Protocol):
    """What people decided about the flow of jobs."""

    def settings(self, job_type: str) -> FlowSettings:
        """What is in force for a job type. Raises ``UnknownJobTypeError``."""
        ...

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

        Jobs that run go on. A pause of the same is replaced. Raises ``OperationRefusedError`` and
        ``UnknownJobTypeError``.
        """
        ...

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
        ...


class Limits(Protocol):
    """What holds instead of declared limits, by their names: ``rate:...`` and ``keys:...``."""

    def list(self) -> Mapping[str, Override]:
        """Those in force."""
        ...

    def set(self, name: str, limit: int, *, why: str, per: timedelta | None = None) -> Override:
        """Have ``limit`` hold instead of the declared one; workers know within two seconds.

        0 stops what it limits. Raises ``OperationRefusedError``.
        """
        ...

    def clear(self, name: str, *, why: str | None = None) -> Override:
        """Have the declared limit hold again; what held instead.

        Raises ``JobStateError`` where nothing did.
        """
        ...


class Breakers(Protocol):
    """Circuit breakers, by the names of their dependencies."""

    def list(self) -> Mapping[str, Breaker]:
        """How those stand whose job types' declarations are at hand."""
        ...

    def close(self, name: str, *, why: str) -> Breaker:
        """Have jobs start again at once, slowly at first; how it stood.

        Raises ``OperationRefusedError``, and ``JobStateError`` where it holds nothing back.
        """
        ...
