"""The stores of flow control as one process reaches them: every call may go wrong."""

from collections.abc import Callable
from typing import Any

from tests.simulation.fault import CALL
from tests.simulation.process import Process, Unreachable
from tests.simulation.remote import RemoteStore
from workerless.errors import StoreUnavailableError


class RemoteFlow:
    """All of them over the network. A call whose answer was lost is made again by the SDK."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self.jobs = RemoteStore(process)

    def __getattr__(self, name: str) -> Any:
        return _RemotePort(self._process, name, getattr(self._process.ground.flow, name))


class _RemotePort:
    """One store, whatever its methods are."""

    def __init__(self, process: Process, name: str, store: object) -> None:
        self._process = process
        self._name = name
        self._store = store

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method = getattr(self._store, name)

        def call(*args: Any, **options: Any) -> Any:
            def effect(_again: bool) -> Any:  # noqa: FBT001 -- as Process.call has it
                return method(*args, **options)

            try:
                return self._process.call(f"{self._name} {name}", CALL, effect)
            except Unreachable as error:
                raise StoreUnavailableError(str(error)) from error

        return call
