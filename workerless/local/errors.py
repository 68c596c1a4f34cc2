"""What goes wrong with a local cloud; a subclass where the command line exits differently."""

from workerless.errors import WorkerlessError


class LocalCloudError(WorkerlessError):
    """The local cloud could not be started, deployed to or ended."""


class RealCredentialsError(LocalCloudError):
    """The environment holds what looks like real AWS credentials."""


class NotRunningError(LocalCloudError):
    """There is no local cloud where one is needed."""
