"""Starting workflows and opening batches, for a client: few producers ever do, so it comes late."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

from workerless.asked_container import checked
from workerless.batch_handle import Batch
from workerless.batching import Batching
from workerless.depth import check_depth, next_depth
from workerless.errors import EnqueueRefusedError, JobConflictError, WorkerlessError
from workerless.frozen import replace
from workerless.orchestration.start import new_container
from workerless.orchestration.world import Orchestra
from workerless.origin import correlation
from workerless.outbox import Outbox
from workerless.run_handle import Run
from workerless.trace_context import traceparent_here
from workerless.workflow.batch import (
    ON_COMPLETION,
    ON_FIRST_FAILURE,
    ON_SUCCESS,
    BatchControl,
    write_batch,
)
from workerless.workflow.callbacks import write_callbacks
from workerless.workflow.compiling import definition_of
from workerless.workflow.definition import Definition, Kind, Task
from workerless.workflow.tasking import callback_of
from workerless.workflow.wire import write_definition
from workerless.workflow_ports import Container

if TYPE_CHECKING:
    from workerless.job_type import JobType
    from workerless.workflow.build import Asked, Step
    from workerless.workflow.call import Call

# Longer than a batch's maker may be at work in one invocation, and repeated.
_HOLD = timedelta(hours=1)
_MAX_HOLD = timedelta(days=30)


class RunOptions(TypedDict, total=False):
    """What a caller may say of a workflow, besides what it is.

    ``workflow_id`` is 1 to 128 letters, digits and ``_.:-``, a letter or digit first. ``tenant``
    and ``correlation_id`` are handed on to its jobs. ``description`` is up to 500 characters,
    ``tags`` are as those of jobs.
    """

    workflow_id: str | None
    tenant: str | None
    correlation_id: str | None
    description: str | None
    tags: Iterable[str]


class BatchOptions(TypedDict, total=False):
    """What a caller may say of a batch. ``hold`` is for how long it waits for members to come.

    The others are as in ``RunOptions``. Callbacks take fields of ``summary_of_batch()``.
    """

    batch_id: str | None
    on_success: "Call | JobType[Any, Any] | None"
    on_completion: "Call | JobType[Any, Any] | None"
    on_first_failure: "Call | JobType[Any, Any] | None"
    tenant: str | None
    correlation_id: str | None
    tags: Iterable[str]
    hold: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientWorkflows:
    """Those of one stage, in the hands of one client."""

    world: Orchestra
    outbox: Outbox
    new_id: Callable[[], str]

    @classmethod
    def of(
        cls,
        orchestra: Callable[[], Orchestra] | None,
        outbox: Outbox,
        new_id: Callable[[], str],
    ) -> "ClientWorkflows":
        """Raises ``WorkerlessError`` where there is none."""
        if orchestra is None:
            raise WorkerlessError("this client was made without workflows; use connect(stage)")
        return cls(world=orchestra(), outbox=outbox, new_id=new_id)

    def start(self, part: "Asked | Step", **options: Unpack[RunOptions]) -> Run:
        """Start a workflow. The same under the same id is the same run: ``is_duplicate`` tells.

        Raises ``DeclarationError``, ``UnknownJobTypeError``, ``EnqueueRefusedError``,
        ``JobConflictError`` (the id is another's; nothing was started), ``StoreUnavailableError``.
        """
        definition = definition_of(part)
        self._check(_tasks(definition))
        new = self._new(definition, options.get("workflow_id"), options)
        made = self._made(new, json.dumps(write_definition(definition)))
        self.world.order(made.id)  # of one that is there already it may have been lost
        return made

    def run(self, run_id: str) -> Run:
        """A handle on any; asks nothing."""
        return Run(id=run_id, world=self.world)

    def batch(self, description: str | None, **options: Unpack[BatchOptions]) -> Batch:
        """Open a batch; one whose maker does not let it go for ``hold`` is let go.

        Raises as ``start`` does.
        """
        hold = options.get("hold", _HOLD)
        if not timedelta(0) < hold <= _MAX_HOLD:
            raise EnqueueRefusedError(
                f"hold must be above 0 s and at most {_MAX_HOLD}, got {hold}", field="hold"
            )
        tasks = _callbacks(options)
        self._check(tasks.values())
        told = {**options, "description": description}
        empty = Definition(name="batch", kind=Kind.BATCH, nodes=())
        new = self._new(empty, options.get("batch_id"), told)
        new = replace(
            new,
            control=json.dumps(write_batch(BatchControl())),
            held_until=new.created_at + hold,
        )
        text = json.dumps(write_callbacks(tasks)) if tasks else None
        made = self._made(new, text)
        return Batch(
            id=made.id,
            world=self.world,
            is_duplicate=made.is_duplicate,
            batching=self.batching(),
            has_own_id=options.get("batch_id") is not None,
            tenant=new.tenant,
            correlation_id=new.correlation_id or made.id,
        )

    def batching(self) -> Batching:
        """What adds to batches."""
        return Batching(
            containers=self.world.containers,
            store=self.world.store,
            blobs=self.world.blobs,
            outbox=self.outbox,
            orders=self.world.orders,
            clock=self.world.clock,
            new_id=self.new_id,
        )

    def _check(self, tasks: Iterable[Task]) -> None:
        """Raises ``UnknownJobTypeError`` for what is not deployed; else what is too deep here."""
        depth = next_depth()
        for name, most in sorted({(one.job_type, one.max_depth) for one in tasks}):
            self.world.directory.find(name)
            check_depth(name, depth, most)

    def _new(
        self, definition: Definition, asked: str | None, options: Mapping[str, Any]
    ) -> Container:
        told = checked(options, container_id=asked)
        return new_container(
            definition,
            asked or self.new_id(),
            now=self.world.clock.now(),
            job_depth=next_depth(),
            tenant=told.tenant,
            correlation_id=told.correlation_id or correlation(),
            traceparent=traceparent_here(),
            description=told.description,
            tags=told.tags,
        )

    def _made(self, new: Container, text: str | None) -> Run:
        made = self.world.containers.create(new, text)
        stands = made.container
        if not made.created:
            known = self.world.containers.definition(stands)
            if known != text or stands.kind is not new.kind or stands.member_of is not None:
                raise JobConflictError(
                    [new.container_id],
                    f"{new.container_id!r} is taken by a {stands.kind} of another definition; use "
                    "another id, or start the same as then",
                )
        return Run(id=stands.container_id, world=self.world, is_duplicate=not made.created)


def _callbacks(options: BatchOptions) -> dict[str, Task]:
    asked = {
        ON_SUCCESS: options.get("on_success"),
        ON_COMPLETION: options.get("on_completion"),
        ON_FIRST_FAILURE: options.get("on_first_failure"),
    }
    return {name: callback_of(name, call) for name, call in asked.items() if call is not None}


def _tasks(definition: Definition) -> Iterator[Task]:
    for node in definition.nodes:
        if isinstance(node.part, Task):
            yield node.part
        else:
            yield from _tasks(node.part)
        if node.compensate is not None:
            yield node.compensate
