"""When a stage raises: attempts that failed, where it was asked to, and jobs that never end."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping

from workerless.client import Client
from workerless.errors import JobNotFoundError

_FAILURES = ("job.retried", "job.failed")
# A job that comes back this often without an end has none.
MOST_RETURNS = 1_000

type _Line = Mapping[str, str | int | float | None]


class JobFailedError(AssertionError):
    """An attempt failed in a stage that raises failures; tells why, with the handler's traceback.

    ``job_id`` is the job's.
    """

    def __init__(self, message: str, *, job_id: str) -> None:
        super().__init__(message)
        self.job_id = job_id


def failure_in(lines: Iterable[_Line], client: Client) -> JobFailedError | None:
    """The first failed attempt that the lines of telemetry tell of."""
    for line in lines:
        if line["event"] in _FAILURES:
            job_id = str(line["job_id"])
            text = (
                f"{line['job_type']} {job_id} failed at attempt {line['attempt']} of "
                f"{line['max_attempts']}: {_cause(job_id, client) or line['error_type']}"
            )
            return JobFailedError(text, job_id=job_id)
    return None


def _cause(job_id: str, client: Client) -> str:
    try:
        errors = client.job(job_id).status().errors
    except JobNotFoundError:
        return ""
    return "".join(f"{one.error_type}: {one.message}\n{one.traceback}" for one in errors[-1:])


class Patience:
    """Sees that nobody plays a job for ever. ``since`` counts anew whenever it changes."""

    def __init__(self, since: Callable[[], object]) -> None:
        self._since = since
        self._last = since()
        self._returns: Counter[str] = Counter()

    def check(self, lines: Iterable[_Line]) -> None:
        """Raises ``AssertionError`` naming the job that has come back too often."""
        if self._since() != self._last:
            self._last = self._since()
            self._returns.clear()
        for line in lines:
            job_id = str(line.get("job_id"))
            self._returns[job_id] += line["event"] == "job.started"
            if self._returns[job_id] > MOST_RETURNS:
                raise AssertionError(
                    f"{line['job_type']} {job_id} was started {MOST_RETURNS:,} times and has not "
                    "ended: it snoozes or is retried for ever; advance(...) plays a part of it"
                )
