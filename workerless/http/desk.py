"""What the routes work with, and for whom they do it now."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver

from workerless.client import Client
from workerless.errors import UnknownJobTypeError
from workerless.http.caller import Caller
from workerless.http.resolver import make_resolver
from workerless.job_type import JobType
from workerless.ledger import Kind, Stand
from workerless.operations.service import Operations
from workerless.ports import Clock, Directory
from workerless.search import Search
from workerless.spread import at_once

# API Gateway waits 30 s; whoever asks would rather have an answer.
_PATIENCE = timedelta(seconds=5)


@dataclass(frozen=True, kw_only=True)
class Desk:
    """``operate`` gives the operations in somebody's name.

    ``job_types`` are the declarations at hand: payloads are checked against their models. ``seat``
    says whether a caller may wait for so long.
    """

    client: Client
    operate: Callable[[str], Operations]
    directory: Directory
    job_types: Mapping[str, JobType[Any, Any]]
    clock: Clock
    seat: "Callable[[timedelta], AbstractContextManager[bool]]" = lambda _: nullcontext(
        enter_result=True
    )
    app: APIGatewayHttpResolver = field(default_factory=make_resolver)

    @property
    def caller(self) -> Caller:
        """Who made the request that is being answered."""
        caller: Caller = self.app.context["caller"]
        return caller

    @property
    def operations(self) -> Operations:
        """What can be done, in the caller's name."""
        return self.operate(self.caller.name)

    def answer(self, event: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """The response of the route that ``event`` is for. Raises whatever the route does."""
        context: Any = None  # Lambda's, which no route looks at
        self.app.context["caller"] = caller
        return self.app.resolve(event, context)

    def job_type(self, name: str) -> JobType[Any, Any]:
        """Raises ``UnknownJobTypeError``."""
        if name not in self.job_types:
            raise UnknownJobTypeError(f"no job type {name!r}")
        return self.job_types[name]

    def queue(self, name: str) -> str:
        """``name`` itself, of a job type that is deployed. Raises ``UnknownJobTypeError``."""
        return self.directory.find(name).job_type

    def of_each_queue[R](self, look: Callable[[str], R]) -> dict[str, R]:
        """What ``look`` sees of each deployed job type, by name.

        Many at a time: each takes half a second, and API Gateway waits for 30 s only.
        """
        names = [address.job_type for address in self.directory.all()]
        return dict(zip(names, at_once(look, names), strict=True))

    def carry_out(self, kind: Kind, search: Search, *, why: str | None) -> tuple[int | None, str]:
        """Do it to all that ``search`` finds now, as far as a caller can wait for it.

        How many jobs were done, None while there is more to do, and the operation's id: the system
        function, which was called when it began, goes on with it.
        """
        bulk = self.operations.bulk
        operation = bulk.start(kind, search, why=why)
        until = self.clock.now() + _PATIENCE
        operation = bulk.advance(operation.operation_id, lambda: self.clock.now() < until)
        if operation.stand is Stand.RUNNING:
            return None, operation.operation_id
        return operation.counts.done, operation.operation_id
