"""The way to ``client.schedules``, which most producers never ask for."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workerless.aws.session import AwsClients
    from workerless.client_schedules import ClientSchedules
    from workerless.ports import Clock


def open_schedules(stage: str, clients: "AwsClients", clock: "Clock") -> "ClientSchedules":
    """Those of a deployed stage."""
    from workerless.client_schedules import service_schedules  # noqa: PLC0415 -- 20 modules

    return service_schedules(stage, clients, clock)
