"""Where Scheduler sends the ticks of dynamic schedules, as the core stack published it."""

import json
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from workerless import naming
from workerless.aws.fault import NO_ANSWER, code_of
from workerless.errors import PlatformUnavailableError
from workerless.frozen import frozen

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient

# A deployment may make another role.
_KEPT_SECONDS = 300.0


@frozen
class TickTarget:
    """ARNs: the queue of ticks, that of those in vain, and the role in which Scheduler sends.

    ``knows_zones`` is False of an emulator that reads all times in UTC.
    """

    queue: str
    dead_letters: str
    role: str
    knows_zones: bool = True


class SsmTickTarget:
    """That of one stage, kept for five minutes. ``seconds`` is a clock that only goes on."""

    def __init__(
        self, client: "SSMClient", stage: str, *, seconds: Callable[[], float] = time.monotonic
    ) -> None:
        self._client = client
        self._name = naming.core_parameter(naming.check_stage(stage))
        self._seconds = seconds
        self._known: tuple[TickTarget, float] | None = None

    def __call__(self) -> TickTarget:
        """Raises ``PlatformUnavailableError``."""
        now = self._seconds()
        if self._known is None or now - self._known[1] >= _KEPT_SECONDS:
            self._known = self._read(), now
        return self._known[0]

    def _read(self) -> TickTarget:
        try:
            told = self._client.get_parameter(Name=self._name)["Parameter"]["Value"]
        except NO_ANSWER as error:
            raise PlatformUnavailableError(
                f"SSM parameter {self._name} could not be read: {code_of(error)}: {error}"
            ) from error
        try:
            return TickTarget(**json.loads(told)["ticks"])
        except (ValueError, LookupError, TypeError) as error:
            raise PlatformUnavailableError(
                f"SSM parameter {self._name} does not tell where ticks go; deploy the core stack "
                "again"
            ) from error
