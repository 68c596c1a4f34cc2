"""One execution environment of Lambda: a process, and the library's worker in it."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from tests.simulation.ground import Ground
from tests.simulation.history import Hooked, Started, Stopped
from tests.simulation.job import Act, Body, Done, Task, carry_out
from tests.simulation.process import Process
from tests.simulation.remote import RemoteQueue, RemoteStore
from tests.simulation.remote_blobs import RemoteBlobs
from tests.simulation.remote_containers import RemoteContainers, RemoteOrders
from tests.simulation.remote_flow import RemoteFlow
from tests.simulation.turnstile import Turnstile
from workerless import Hooks
from workerless.execution.context import JobContext
from workerless.execution.gate import Gate
from workerless.execution.gating import gates_of
from workerless.execution.marking import Marking
from workerless.execution.response import BatchResponse
from workerless.execution.runtime import Ports
from workerless.orders import Orders
from workerless.payload import digest
from workerless.worker import worker

type Scripts = Mapping[str, Iterator[Act]]
"""What the handler does at each start of a job, by the job's text."""


class Environment:
    """Runs one batch at a time."""

    def __init__(
        self, process: Process, scripts: Scripts, *, is_async: bool, turns: bool = False
    ) -> None:
        self._turns = turns
        self.process = process
        self._ground: Ground = process.ground
        self._scripts = scripts
        perform = self._perform_async if is_async else self._perform
        self._worker = worker(self._ground.job_type, hooks=[self._hooks()])(perform)
        self._ports = self._make_ports()

    def run(self, records: Sequence[Mapping[str, Any]], time_left: timedelta) -> BatchResponse:
        """One invocation."""
        return self._worker.run(records, self._ports, time_left)

    def close(self) -> None:
        self.process.kill()
        self._worker.close()

    def _make_ports(self) -> Ports:
        address = self._ground.directory().find(self._ground.job_type.name)
        return Ports(
            store=RemoteStore(self.process),
            queue=RemoteQueue(self.process, sends_as="replace"),
            blobs=RemoteBlobs(self.process),
            clock=self.process,
            telemetry=self.process,
            rng=self._ground.rng,
            new_token=lambda: f"token-{self._ground.number()}",
            queue_address=address.queue,
            dead_letters=address.dead_letters,
            gates=self._gates(),
            marking=lambda: Marking(
                containers=RemoteContainers(self.process),
                orders=Orders(queue=RemoteOrders(self.process), address="workflows"),
            ),
        )

    def _gates(self) -> tuple[Gate, ...]:
        """Those of the job type, and one that is shut at random."""
        gates = gates_of(self._ground.job_type, RemoteFlow(self.process))
        return (*gates, Turnstile(self._ground.rng)) if self._turns else gates

    def _perform(self, payload: Task, job: JobContext) -> Any:
        act = self._begin(payload, job)
        try:
            return self._returned(carry_out(act, payload, job, self._body()))
        finally:
            self._stop(job)

    async def _perform_async(self, payload: Task, job: JobContext) -> Any:
        act = self._begin(payload, job)
        try:
            await asyncio.sleep(0)  # its neighbours begin
            self.process.alive()
            return self._returned(carry_out(act, payload, job, self._body()))
        finally:
            self._stop(job)

    def _returned(self, value: Any) -> Any:
        """A job without a record has no result."""
        has_result = self._ground.job_type.result is not None
        return None if isinstance(value, Done) and not has_result else value

    def _begin(self, payload: Task, job: JobContext) -> Act:
        self.process.alive()
        self._ground.tell(
            Started(
                by=self.process.name,
                job_id=job.job_id,
                token=self.process.tokens.get(job.job_id, "untracked"),
                attempt=job.attempt,
                max_attempts=job.max_attempts,
                text=payload.text,
                digest=digest(payload.model_dump()),
                cursor=job.cursor,
            )
        )
        act = next(self._scripts[payload.text])
        self._ground.history.cells["handler", act] += 1
        return act

    def _stop(self, job: JobContext) -> None:
        token = self.process.tokens.get(job.job_id, "untracked")
        self._ground.tell(Stopped(by=self.process.name, job_id=job.job_id, token=token))

    def _body(self) -> Body:
        job_type = self._ground.job_type
        lease = job_type.function_timeout + timedelta(seconds=31)
        oversleep = self._ground.rng.choice((lease, lease * 2, job_type.visibility_timeout + lease))
        return Body(elapse=self.process.elapse, die=self.process.die, oversleep=oversleep)

    def _hooks(self) -> Hooks:
        def hooked(hook: str, job_id: str) -> None:
            self.process.alive()
            self._ground.tell(Hooked(by=self.process.name, hook=hook, job_id=job_id))

        return Hooks(
            on_success=lambda job, _result: hooked("on_success", job.job_id),
            on_retry=lambda job, _error, _delay: hooked("on_retry", job.job_id),
            on_failed=lambda job, _reason, _error: hooked("on_failed", job.job_id),
        )
