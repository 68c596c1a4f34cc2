"""Where a worker's queues are and what its environment is: those of the function that is live."""

from collections.abc import Mapping

from workerless.errors import PlatformUnavailableError, WorkerlessError
from workerless.frozen import frozen

_OURS = "WORKERLESS_"


@frozen
class Place:
    """``environment`` is that of the function; ``queues`` are addresses by lane, or one by None."""

    environment: Mapping[str, str]
    queues: Mapping[str | None, str]


def find(stage: str, job_type: str) -> Place:
    """Raises ``UnknownJobTypeError``; ``PlatformUnavailableError`` where Lambda tells nothing.

    ``WorkerlessError`` where what it tells is no worker's.
    """
    from workerless.aws.directory import SsmDirectory  # noqa: PLC0415 -- AWS clients take 100 ms
    from workerless.aws.fault import NO_ANSWER, code_of  # noqa: PLC0415 -- the same
    from workerless.aws.session import AwsClients  # noqa: PLC0415 -- the same
    from workerless.naming import LIVE  # noqa: PLC0415 -- the same

    clients = AwsClients()
    address = SsmDirectory(clients.ssm, stage).find(job_type)
    try:
        told = clients.functions.get_function_configuration(
            FunctionName=address.function, Qualifier=LIVE
        )
    except NO_ANSWER as error:
        raise PlatformUnavailableError(
            f"function {address.function} did not say what its environment is: {code_of(error)}"
        ) from error
    variables = told.get("Environment", {}).get("Variables", {})
    if not any(name.startswith(_OURS) for name in variables):
        raise WorkerlessError(
            f"function {address.function} must have the environment that its stack sets, got "
            f"{', '.join(sorted(variables)) or 'none'}; deploy it again"
        )
    queues: dict[str | None, str] = dict(address.lanes.items())
    return Place(environment=variables, queues=queues or {None: address.queue})


def environment(place: Place, own: Mapping[str, str]) -> dict[str, str]:
    """That of a process: the container's own word counts, but for where things are."""
    names = [name for name in place.environment if name.startswith(_OURS) or name not in own]
    return {**own, **{name: place.environment[name] for name in names}}
