"""What moves batches and workflows on, as one process reaches it."""

from collections.abc import Callable
from typing import Any

from tests.simulation.process import Process
from tests.simulation.remote import RemoteQueue, RemoteStore
from tests.simulation.remote_blobs import RemoteBlobs
from tests.simulation.remote_containers import RemoteContainers, RemoteOrders
from workerless.orchestration.world import Orchestra
from workerless.orders import Orders


def always() -> bool:
    return True


def orchestra_of(
    process: Process,
    *,
    containers: Callable[[Process], Any] = RemoteContainers,
    has_time: Callable[[], bool] = always,
) -> Orchestra:
    """``has_time`` tells whether its time is not up."""
    return Orchestra(
        containers=containers(process),
        store=RemoteStore(process),
        blobs=RemoteBlobs(process),
        queue=RemoteQueue(process, sends_as="send"),
        directory=process.ground.directory(),
        orders=orders_of(process),
        clock=process,
        telemetry=process,
        has_time=has_time,
    )


def orders_of(process: Process) -> Orders:
    return Orders(queue=RemoteOrders(process), address="workflows")
