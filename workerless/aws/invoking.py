"""Who calls, and calling a function without waiting for it."""

from typing import TYPE_CHECKING

from workerless import naming
from workerless.aws.fault import NO_ANSWER, code_of
from workerless.errors import WorkerlessError

if TYPE_CHECKING:
    from workerless.aws.session import AwsClients


def caller(clients: "AwsClients") -> str:
    """The ARN of whoever's credentials these are. Raises ``WorkerlessError``."""
    try:
        return str(clients.sts.get_caller_identity()["Arn"])
    except NO_ANSWER as error:
        raise WorkerlessError(
            f"STS did not tell whose credentials these are: {code_of(error)}: {error}"
        ) from error


def invoke(function: str, clients: "AwsClients") -> str | None:
    """Have a function run soon; None, or why it was not asked to."""
    try:
        clients.functions.invoke(
            FunctionName=function, Qualifier=naming.LIVE, InvocationType="Event"
        )
    except NO_ANSWER as error:
        return code_of(error)
    return None
