"""The composition root of those who only look: at what is deployed, and at what functions wrote.

Apart from all that acts on jobs, since it must work where the stage itself does not.
"""

from dataclasses import dataclass

from workerless import naming
from workerless.logs import Logs
from workerless.operations.doctor.examination import Doctor
from workerless.ports import Directory


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """One stage, as it is deployed."""

    doctor: Doctor
    logs: Logs
    directory: Directory


def inspect(stage: str, *, unasked: frozenset[str] = frozenset()) -> Inspection:
    """A deployed stage, with AWS credentials and region from the environment.

    ``unasked`` are rules that the doctor leaves out.
    """
    naming.check_stage(stage)
    # AWS clients take 100 ms to import: no command pays that does not talk to AWS.
    from workerless.aws.clock import SystemClock  # noqa: PLC0415
    from workerless.aws.directory import SsmDirectory  # noqa: PLC0415
    from workerless.aws.flow.settings import DynamoSettings  # noqa: PLC0415
    from workerless.aws.logs import CloudWatchLogs  # noqa: PLC0415
    from workerless.aws.operator import DynamoOperatorStore  # noqa: PLC0415
    from workerless.aws.platform import AwsPlatform  # noqa: PLC0415
    from workerless.aws.pulse import DynamoPulses  # noqa: PLC0415
    from workerless.aws.schedule.plans import SsmPlans  # noqa: PLC0415
    from workerless.aws.session import AwsClients  # noqa: PLC0415
    from workerless.aws.table import Table  # noqa: PLC0415

    clients, clock = AwsClients(), SystemClock()
    name = naming.table(stage)
    table = Table(clients.dynamodb, name, clock)
    directory = SsmDirectory(clients.ssm, stage)
    doctor = Doctor(
        platform=AwsPlatform(clients, stage),
        directory=directory,
        pulses=DynamoPulses(table),
        settings=DynamoSettings(table),
        store=DynamoOperatorStore(clients.dynamodb, name, clock),
        # One that cannot be read is a job type's stack that is broken: the sweeper's log tells.
        plans=SsmPlans(clients.ssm, stage, on_broken=lambda _: None),
        clock=clock,
        unasked=unasked,
    )
    return Inspection(doctor=doctor, logs=CloudWatchLogs(clients), directory=directory)
