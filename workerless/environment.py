"""The environment of our functions: rendered by their stacks, read in Lambda, named only here."""

from collections.abc import Mapping

from workerless.errors import WorkerlessError
from workerless.frozen import frozen

STAGE = "WORKERLESS_STAGE"
_TABLE = "WORKERLESS_TABLE"
_BUCKET = "WORKERLESS_BUCKET"
_QUEUE = "WORKERLESS_QUEUE_URL"
_DEAD_LETTERS = "WORKERLESS_DEAD_LETTER_URL"
# Of the publisher: the name of the bus, and what it is told of, with commas between them.
EVENT_BUS = "WORKERLESS_EVENT_BUS"
JOB_CHANGES = "WORKERLESS_JOB_CHANGES"
# Of the sweeper, where people are told of failed jobs: the ARN of the topic, the job types with
# commas between them (none: all), and the page of a job.
ALERT_TOPIC = "WORKERLESS_ALERT_TOPIC"
ALERT_JOB_TYPES = "WORKERLESS_ALERT_JOB_TYPES"
ALERT_LINK = "WORKERLESS_ALERT_LINK"
# What Lambda itself sets: the name of the function, its memory in MiB, X-Ray's header.
FUNCTION_VERSION = "AWS_LAMBDA_FUNCTION_VERSION"
IN_LAMBDA = "AWS_LAMBDA_FUNCTION_NAME"
FUNCTION_MEMORY = "AWS_LAMBDA_FUNCTION_MEMORY_SIZE"
TRACE = "_X_AMZN_TRACE_ID"


def trace_id(variables: Mapping[str, str]) -> str | None:
    """X-Ray's id of the invocation; it changes with each."""
    header = variables.get(TRACE)
    return header.partition(";")[0].removeprefix("Root=") if header else None


@frozen
class WorkerEnvironment:
    """Where a worker finds its table, bucket and queues.

    The function of a pool has the place of all queues instead, which ends in '/'.
    """

    stage: str
    table: str
    bucket: str
    queue_url: str
    dead_letter_url: str

    def render(self) -> dict[str, str]:
        return {
            STAGE: self.stage,
            _TABLE: self.table,
            _BUCKET: self.bucket,
            _QUEUE: self.queue_url,
            _DEAD_LETTERS: self.dead_letter_url,
        }

    @classmethod
    def read(cls, variables: Mapping[str, str]) -> "WorkerEnvironment":
        """Raises ``WorkerlessError`` naming every variable that is missing."""
        stage, table, bucket, queue_url, dead_letter_url = _values(
            variables, STAGE, _TABLE, _BUCKET, _QUEUE, _DEAD_LETTERS
        )
        return cls(
            stage=stage,
            table=table,
            bucket=bucket,
            queue_url=queue_url,
            dead_letter_url=dead_letter_url,
        )

    def queues(self, job_type: str) -> tuple[str, str]:
        """The addresses of a job type's queue and dead letters."""
        if not self.queue_url.endswith("/"):
            return self.queue_url, self.dead_letter_url
        from workerless import naming  # noqa: PLC0415 -- only the function of a pool

        own = naming.resource(self.stage, job_type)
        dead = naming.dead_letter_queue(self.stage, job_type)
        return f"{self.queue_url}{own}", f"{self.dead_letter_url}{dead}"


@frozen
class SweeperEnvironment:
    """Where the sweeper finds its stage, its table and its bucket."""

    stage: str
    table: str
    bucket: str

    def render(self) -> dict[str, str]:
        return {STAGE: self.stage, _TABLE: self.table, _BUCKET: self.bucket}

    @classmethod
    def read(cls, variables: Mapping[str, str]) -> "SweeperEnvironment":
        """Raises ``WorkerlessError`` naming every variable that is missing."""
        stage, table, bucket = _values(variables, STAGE, _TABLE, _BUCKET)
        return cls(stage=stage, table=table, bucket=bucket)


@frozen
class OrchestratorEnvironment:
    """Where the orchestrator finds its stage, its table, its bucket and the queue of its orders."""

    stage: str
    table: str
    bucket: str
    queue_url: str

    def render(self) -> dict[str, str]:
        return {
            STAGE: self.stage,
            _TABLE: self.table,
            _BUCKET: self.bucket,
            _QUEUE: self.queue_url,
        }

    @classmethod
    def read(cls, variables: Mapping[str, str]) -> "OrchestratorEnvironment":
        """Raises ``WorkerlessError`` naming every variable that is missing."""
        stage, table, bucket, queue_url = _values(variables, STAGE, _TABLE, _BUCKET, _QUEUE)
        return cls(stage=stage, table=table, bucket=bucket, queue_url=queue_url)


def _values(variables: Mapping[str, str], *names: str) -> list[str]:
    missing = [name for name in names if not variables.get(name)]
    if missing:
        raise WorkerlessError(
            f"this function needs the environment variables {', '.join(missing)}; its stack sets "
            "them"
        )
    return [variables[name] for name in names]
