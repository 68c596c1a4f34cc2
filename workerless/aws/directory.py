"""The deployed job types of a stage, as their stacks published them in SSM parameters."""

import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from workerless import naming
from workerless.aws.fault import NO_ANSWER, code_of
from workerless.errors import UnknownJobTypeError, WorkerlessError
from workerless.ports import Address
from workerless.tracking import Tracking

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient

    from workerless.flow.autoscale import Scale
    from workerless.hidden import Hidden

_PARAMETER_NAME = re.compile(r"[A-Za-z0-9_.-]{1,128}")
# A queue never moves, but a deployment may bring lanes or take them away.
_KEPT_SECONDS = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Core:
    """What all job types of a stage share: table name, bucket name, ARN of the alarm topic.

    ``workflows`` is the URL of the queue of orders.
    """

    table: str
    bucket: str
    topic: str
    workflows: str


def _raise(error: WorkerlessError) -> None:
    raise error


class SsmDirectory:
    """One stage. What was found is kept for five minutes, and while SSM does not answer.

    ``on_broken`` is told of each parameter that ``all`` cannot make sense of, and leaves out.
    ``seconds`` is a clock that only goes on.
    """

    def __init__(
        self,
        client: "SSMClient",
        stage: str,
        *,
        on_broken: Callable[[WorkerlessError], None] = _raise,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = client
        self._on_broken = on_broken
        self._stage = naming.check_stage(stage)
        self._seconds = seconds
        self._known: dict[str, tuple[Address, float]] = {}

    def find(self, job_type: str) -> Address:
        """Raises ``UnknownJobTypeError`` naming what there is."""
        known, now = self._known.get(job_type), self._seconds()
        if known is not None and now - known[1] < _KEPT_SECONDS:
            return known[0]
        try:
            found = self._read(job_type)
        except UnknownJobTypeError:
            self._known.pop(job_type, None)
            raise
        except WorkerlessError:
            if known is None:
                raise
            found = known[0]
        self._known[job_type] = found, now
        return found

    def _read(self, job_type: str) -> Address:
        # SSM refuses to look for a name it could not hold.
        name = naming.job_type_parameter(self._stage, job_type)
        value = self._value(name) if _PARAMETER_NAME.fullmatch(job_type) else None
        if value is None:
            there_is = ", ".join(sorted(address.job_type for address in self.all()))
            raise UnknownJobTypeError(
                f"stage {self._stage!r} has no job type {job_type!r}; it has: "
                f"{there_is or 'none, deploy one first'}"
            )
        return _address(name, value)

    def all(self) -> list[Address]:
        """Every job type there is now, in the order of their names."""
        path = naming.job_type_parameters(self._stage)
        try:
            pages = self._client.get_paginator("get_parameters_by_path").paginate(Path=path)
            found = {p["Name"]: p["Value"] for page in pages for p in page["Parameters"]}
        except NO_ANSWER as error:
            raise _unreadable(path, error) from error
        addresses = []
        for name in sorted(found):
            try:
                addresses.append(_address(name, found[name]))
            except WorkerlessError as error:
                self._on_broken(error)
        return addresses

    def core(self) -> Core:
        """Raises ``WorkerlessError`` when the stage is not deployed."""
        name = naming.core_parameter(self._stage)
        value = self._value(name)
        if value is None:
            raise WorkerlessError(
                f"stage {self._stage!r} is not deployed to this account and region: "
                f"there is no SSM parameter {name}"
            )
        # Of a stage that an earlier version deployed the last is empty: nobody reads that queue.
        return Core(**_fields(name, value, "table", "bucket", "topic", workflows=""))

    def _value(self, name: str) -> str | None:
        try:
            return self._client.get_parameter(Name=name)["Parameter"]["Value"]
        except self._client.exceptions.ParameterNotFound:
            return None
        except NO_ANSWER as error:
            raise _unreadable(name, error) from error


def _address(name: str, value: str) -> Address:
    fields = _fields(name, value, "queue", "dead_letters", "function", tracking=Tracking.FULL)
    return Address(
        job_type=name.rpartition("/")[2],
        queue=fields["queue"],
        dead_letters=fields["dead_letters"],
        function=fields["function"],
        # Another version's word is no reason to leave a job type's queues untended.
        tracking=next((one for one in Tracking if one == fields["tracking"]), Tracking.FULL),
        lanes=_lanes(name, value),
        hidden=_hidden(value),
        scale=_scale(name, value),
        in_containers=json.loads(value).get("in_containers") is True,
    )


def _lanes(name: str, value: str) -> dict[str, str]:
    """The queues by lane; none of a job type without lanes."""
    lanes = json.loads(value).get("lanes") or {}
    if not isinstance(lanes, dict):
        raise WorkerlessError(
            f"SSM parameter {name} must name its lanes as a JSON object; deploy its stack again"
        )
    return {str(lane): str(queue) for lane, queue in lanes.items()}


def _hidden(value: str) -> "Hidden | None":
    told = json.loads(value).get("hidden")
    if not told:
        return None
    from workerless.hidden import read_hidden  # noqa: PLC0415 -- few job types hide something

    return read_hidden(told)


def _scale(name: str, value: str) -> "Scale | None":
    told = json.loads(value).get("autoscale")
    if told is None:
        return None
    from workerless.flow.autoscale import read_scale  # noqa: PLC0415 -- few job types have one

    try:
        return read_scale(told)
    except (LookupError, TypeError, ValueError, WorkerlessError) as error:
        raise WorkerlessError(
            f"SSM parameter {name} must tell of its autoscale as its stack does; deploy it again"
        ) from error


def _fields(name: str, value: str, *wanted: str, **optional: str) -> dict[str, str]:
    """``optional`` are those that stacks of an earlier version did not publish."""
    try:
        published = optional | json.loads(value)
        return {field: str(published[field]) for field in (*wanted, *optional)}
    except (ValueError, LookupError, TypeError) as error:
        raise WorkerlessError(
            f"SSM parameter {name} must be a JSON object with {', '.join(wanted)}; deploy its "
            "stack again"
        ) from error


def _unreadable(name: str, error: BaseException) -> WorkerlessError:
    return WorkerlessError(f"SSM parameter {name} could not be read: {code_of(error)}: {error}")
