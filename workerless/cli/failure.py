"""From what was raised to an exit code and a line that names the field and the fix."""

from collections.abc import Iterator
from typing import Any

from workerless import errors
from workerless.cli.exit_code import ExitCode
from workerless.local.errors import LocalCloudError, NotRunningError, RealCredentialsError


class CommandError(errors.WorkerlessError):
    """A command cannot do what it was asked; it knows its own exit code."""

    def __init__(self, message: str, code: ExitCode = ExitCode.USAGE) -> None:
        super().__init__(message)
        self.code = code


# The first that fits.
_CODES: tuple[tuple[type[Exception], ExitCode], ...] = (
    (RealCredentialsError, ExitCode.DENIED),
    (NotRunningError, ExitCode.UNREACHABLE),
    (LocalCloudError, ExitCode.LOCAL_CLOUD),
    (errors.JobNotFoundError, ExitCode.NOT_FOUND),
    (errors.UnknownJobTypeError, ExitCode.NOT_FOUND),
    (errors.OperationNotFoundError, ExitCode.NOT_FOUND),
    (errors.ScheduleNotFoundError, ExitCode.NOT_FOUND),
    (errors.ContainerNotFoundError, ExitCode.NOT_FOUND),
    (errors.ResultMissingError, ExitCode.NOT_FOUND),
    (errors.JobConflictError, ExitCode.CONFLICT),
    (errors.JobStateError, ExitCode.CONFLICT),
    (errors.WorkflowStateError, ExitCode.CONFLICT),
    (errors.QueueFullError, ExitCode.CONFLICT),
    (errors.WaitTimeoutError, ExitCode.TIMED_OUT),
    (errors.StoreUnavailableError, ExitCode.UNREACHABLE),
    (errors.PlatformUnavailableError, ExitCode.UNREACHABLE),
    (errors.QueueUnavailableError, ExitCode.UNREACHABLE),
    (errors.BlobsUnavailableError, ExitCode.UNREACHABLE),
    (errors.EnqueueFailedError, ExitCode.UNREACHABLE),
    (errors.WorkerlessError, ExitCode.USAGE),
)

_CREDENTIALS_FIX = "sign in, or set AWS_PROFILE, and check with `aws sts get-caller-identity`"
_CREDENTIALS = frozenset(
    {
        "NoCredentialsError",
        "PartialCredentialsError",
        "CredentialRetrievalError",
        "ProfileNotFound",
        "TokenRetrievalError",
        "UnauthorizedSSOTokenError",
        "SSOTokenLoadError",
        "AccessDenied",
        "AccessDeniedException",
        "ExpiredToken",
        "ExpiredTokenException",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    }
)
_NOT_DEPLOYED = "ResourceNotFoundException"


def explain(error: BaseException) -> tuple[ExitCode, str] | None:
    """How to end because of ``error`` and what to say; None for what nobody expected."""
    if isinstance(error, CommandError):
        return error.code, str(error)
    for cause in _chain(error):
        # By name: only workerless.aws imports botocore, and only where it is needed.
        if type(cause).__module__.startswith("botocore."):
            return _explain_aws(cause)
    if isinstance(error, errors.EnqueueFailedError) and _CREDENTIALS & set(error.failures.values()):
        return ExitCode.DENIED, f"{error}; {_CREDENTIALS_FIX}"
    for kind, code in _CODES:
        if isinstance(error, kind):
            return code, str(error)
    return None


def _explain_aws(error: BaseException) -> tuple[ExitCode, str]:
    response: dict[str, Any] = getattr(error, "response", None) or {}
    name = response.get("Error", {}).get("Code") or type(error).__name__
    if name in _CREDENTIALS:
        return ExitCode.DENIED, f"AWS credentials: {error}; {_CREDENTIALS_FIX}"
    if name == "NoRegionError":
        return ExitCode.USAGE, "AWS region must be set, got none; set AWS_DEFAULT_REGION"
    if name == _NOT_DEPLOYED:
        return ExitCode.NOT_FOUND, f"{error}; is the stage right (--stage) and deployed?"
    return ExitCode.UNREACHABLE, f"AWS does not answer as it should: {error}; try again"


def _chain(error: BaseException) -> Iterator[BaseException]:
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        cause = cause.__cause__ or cause.__context__
