"""The log of a function, in CloudWatch Logs."""

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

from workerless.aws.fault import NO_ANSWER, code_of
from workerless.errors import PlatformUnavailableError
from workerless.logs import LogLine

if TYPE_CHECKING:
    from workerless.aws.session import AwsClients

_MILLISECONDS = 1_000
_MAX_PAGES = 100


class CloudWatchLogs:
    """The logs of functions by their names."""

    def __init__(self, clients: "AwsClients") -> None:
        self._clients = clients

    def lines(self, function: str, holding: str, *, since: datetime, limit: int) -> list[LogLine]:
        """The first ``limit`` lines from ``since`` on that hold the text, the oldest first.

        Reads a hundred pages at most: FilterLogEvents may answer many that are empty.
        """
        found: list[LogLine] = []
        try:
            for event in self._events(function, holding, since):
                found.append(LogLine(at_ms=int(event["timestamp"]), text=event["message"].rstrip()))
                if len(found) == limit:
                    break
        except self._clients.logs.exceptions.ResourceNotFoundException:
            return []  # it has not run yet
        except NO_ANSWER as error:
            raise PlatformUnavailableError(
                f"the log of {function} could not be read: {code_of(error)}: {error}"
            ) from error
        return found

    def _events(self, function: str, holding: str, since: datetime) -> Iterator[Any]:
        query: dict[str, Any] = {
            "logGroupName": f"/aws/lambda/{function}",
            # In quotes it is one phrase; a quote in it would end it.
            "filterPattern": '"{}"'.format(holding.replace('"', "")),
            "startTime": int(since.timestamp() * _MILLISECONDS),
        }
        for _ in range(_MAX_PAGES):
            page = self._clients.logs.filter_log_events(**query)
            yield from page["events"]
            if not page.get("nextToken"):
                return
            query["nextToken"] = page["nextToken"]
