"""A job type: everything that is true of a kind of job, declared once.

The stack, the worker and every caller read this value; none of them repeats a number from it.
Declaring does nothing else: no clients, no environment, no network.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from workerless import declaration, limits
from workerless.backoff import Backoff, Exponential
from workerless.errors import EnqueueRefusedError
from workerless.payload import Payload, Result, json_data
from workerless.permission import Allow
from workerless.retry import Retries
from workerless.tracking import Tracking
from workerless.unknown_outcome import OnUnknownOutcome

if TYPE_CHECKING:
    from workerless.flow.autoscale import Autoscale
    from workerless.flow.concurrency import Concurrency
    from workerless.flow.dependency import Dependency
    from workerless.flow.guard import MaxWaiting
    from workerless.flow.lanes import Lanes
    from workerless.flow.rate import RateLimit
    from workerless.flow.unique import Uniqueness
    from workerless.schedule.schedule import Schedule
    from workerless.source import Source
    from workerless.upcast import Upcaster
    from workerless.workflow.call import Call

# What an invocation keeps back to write down what happened, once no job may start any more.
SETTLE_MARGIN = timedelta(seconds=5)
# AWS advises six times the function timeout, so that Lambda can retry through throttling.
# https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
_VISIBILITY_FACTOR = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class JobType[P: Payload, R: Result | None = None, C = Any]:
    """A kind of job. Raises ``DeclarationError`` for what cannot be, naming field and value.

    ``name`` stands in messages and resources: never change it. ``timeout`` is what one job may
    take (1 s to about 14 min); its handler gets ``SoftTimeout`` then. ``concurrency`` bounds the
    invocations that run at once (1 to 1,000), which ``lanes`` share; 1 is one job at a time.
    ``autoscale`` keeps that bound lower while few jobs wait.
    ``concurrency_key`` bounds the jobs of a key that run at once. ``batch_size`` is the jobs of one
    invocation (1 to 50; above 10 with a ``batching_window``). ``by_error``, ``give_up_on`` and
    ``retry_within`` refine ``retry``. ``dead_letter=False`` keeps failed jobs out of the
    dead-letter queue: only their records tell of them. ``upcasters`` lift payloads of earlier
    versions, each from the version that is its key to the next. ``on_unknown_outcome`` says what
    follows an attempt that died. ``tracking`` says how much is kept of each job. ``search_keys``
    are payload fields, texts, integers or booleans, by whose value jobs are found: a write more for
    each and every job.
    A job that has not begun ``expires_in`` after it was enqueued is cancelled.
    ``unique`` says which jobs are alike, and what a second one meets when it is enqueued;
    ``max_waiting`` how many may wait, and what becomes of more.
    ``needs`` are services without which none of its jobs shall start.
    ``rate_limits`` say how many of its jobs may start in which time; ``schedules`` start jobs, and
    so do the events of ``sources``.
    ``cursor`` is the type of what its jobs note of where they are, to go on from there
    (``job.checkpoint``): int, str, a model, or whatever else pydantic makes JSON of.
    ``children`` are the names of the job types whose jobs its handlers may enqueue.
    ``max_depth`` is how many jobs may stand above one of its, each enqueued by the one before.
    """

    name: str
    payload: type[P]
    result: type[R] | None = None
    cursor: type[C] | None = None
    version: int = 1
    upcasters: "Mapping[int, Upcaster]" = field(default_factory=dict)
    owner: str = ""
    runbook: str = ""
    retry: Backoff = field(default_factory=Exponential)
    by_error: Mapping[type[BaseException], Backoff] = field(default_factory=dict)
    give_up_on: tuple[type[BaseException], ...] = ()
    retry_within: timedelta | None = None
    expires_in: timedelta | None = None
    dead_letter: bool = True
    on_unknown_outcome: OnUnknownOutcome = OnUnknownOutcome.RETRY
    tracking: Tracking = Tracking.FULL
    search_keys: tuple[str, ...] = ()
    unique: "Uniqueness | None" = None
    max_waiting: "MaxWaiting | None" = None
    rate_limits: "tuple[RateLimit, ...]" = ()
    concurrency_key: "Concurrency | None" = None
    needs: "tuple[Dependency, ...]" = ()
    schedules: "tuple[Schedule[P], ...]" = ()
    sources: "tuple[Source, ...]" = ()
    timeout: timedelta = timedelta(minutes=5)
    concurrency: int = 5
    autoscale: "Autoscale | None" = None
    lanes: "Lanes | None" = None
    batch_size: int = 1
    batching_window: timedelta = timedelta(0)
    memory_mb: int = 256
    ephemeral_storage_mb: int = 512
    permissions: tuple[Allow, ...] = ()
    children: tuple[str, ...] = ()
    max_depth: int = limits.MAX_DEPTH
    environment: Mapping[str, str] = field(default_factory=dict)
    completed_retention: timedelta = timedelta(hours=24)
    failed_retention: timedelta = timedelta(days=7)

    def __post_init__(self) -> None:
        declaration.check(self)

    @property
    def description(self) -> str:
        """First line of the payload's docstring."""
        return (self.payload.__doc__ or "").strip().splitlines()[0]

    @property
    def is_gated(self) -> bool:
        """Whether anything may hold its jobs back before they start (``execution.gating``)."""
        return self.is_keyed or bool(self.rate_limits or self.needs)

    @property
    def is_keyed(self) -> bool:
        """Whether its jobs need permits: ``flow.concurrency.rule_of`` says how many there are."""
        return self.concurrency_key is not None or self.concurrency == 1

    @property
    def retries(self) -> Retries:
        return Retries(
            policy=self.retry,
            by_error=self.by_error,
            give_up_on=self.give_up_on,
            within=self.retry_within,
        )

    @property
    def function_timeout(self) -> timedelta:
        """Lambda's own timeout, in whole seconds as it counts them.

        A batch may start jobs for as long as one of them may take.
        """
        needed = self.timeout * min(self.batch_size, 2) + limits.INVOCATION_OVERHEAD
        return timedelta(seconds=math.ceil(needed.total_seconds()))

    @property
    def visibility_timeout(self) -> timedelta:
        return self.visibility_under(self.function_timeout)

    def visibility_under(self, function_timeout: timedelta) -> timedelta:
        """The visibility timeout of its queue where the function that runs it may take that."""
        return function_timeout * _VISIBILITY_FACTOR + self.batching_window

    @property
    def max_receive_count(self) -> int:
        """A fuse against crash loops that no record sees, not the attempt counter.

        Twice the attempts and ten: receives are also burnt by throttled invocations. Waits do not
        reach it: a message close to its fuse is replaced by a fresh one (``execution.redeliver``).
        With tracking off receives are the attempts, so it lies near them: it alone ends a loop of
        crashes.
        """
        times = 1 if self.tracking is Tracking.OFF else 2
        return min(self.retry.attempts * times + 10, limits.MAX_RECEIVE_COUNT)

    @property
    def schema_id(self) -> str:
        """What ``dataschema`` says in this version's messages."""
        return f"urn:workerless:{self.name}:{self.version}"

    def data(self, payload: P) -> dict[str, Any]:
        """``payload`` as JSON data, fields under their aliases as in ``json_schema``.

        Raises ``EnqueueRefusedError`` for another job type's payload and for what is no JSON.
        """
        if not isinstance(payload, self.payload):
            raise EnqueueRefusedError(
                f"{self.name} takes a {self.payload.__name__}, got {type(payload).__name__}"
            )
        try:
            return json_data(payload)
        except (ValueError, RecursionError) as error:
            raise EnqueueRefusedError(f"{self.name}: the payload must be JSON: {error}") from error

    def with_(self, payload: P | None = None, /, **fields: Any) -> "Call":
        """A job of this type as part of a workflow: of ``payload``, or of some fields of one.

        A field may be ``result_of(...)`` a step. Raises ``DeclarationError`` for what no payload of
        this type can be.
        """
        from workerless.workflow.call import call_of  # noqa: PLC0415 -- only workflows need it

        return call_of(self, payload, fields)

    def json_schema(self) -> dict[str, Any]:
        """JSON Schema (2020-12) of the payload: what a bare message of this queue must be."""
        return {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$id": self.schema_id,
            **self.payload.model_json_schema(),
        }
