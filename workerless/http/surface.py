"""What the API has to offer: every route, the scope it takes, and whether tenants may use it.

The one list that stack, policies, function and tests are made from. Pure.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

WEBHOOKS = "/webhooks/"
# Where whoever has a token sends the event that it is for. Open to everybody, if the stage says so.
TOKENS = "/events/"
TOKEN_ROUTE = f"POST {TOKENS}{{token}}"
_PART = re.compile(r"\{\w+\}")


class Scope(StrEnum):
    """What a caller may do: look, bring work, or change what becomes of jobs."""

    READ = "read"
    ENQUEUE = "enqueue"
    OPERATE = "operate"


@dataclass(frozen=True, kw_only=True)
class Route:
    """One method of one path. Parts in braces are any text without a slash.

    ``for_tenants`` says that it shows and touches one tenant's jobs, schedules, workflows; all
    others speak of the stage as a whole, and are closed to callers that belong to a tenant.
    """

    method: str
    path: str
    scope: Scope
    for_tenants: bool = False

    @property
    def key(self) -> str:
        """As API Gateway names it."""
        return f"{self.method} {self.path}"

    def with_parts(self, text: str) -> str:
        """Its path with ``text`` for each part in braces."""
        return _PART.sub(lambda _: text, self.path)

    def matches(self, method: str, path: str) -> bool:
        return method == self.method and self._pattern.fullmatch(path) is not None

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        return re.compile(self.with_parts("[^/]+"))


def webhook_path(source: str) -> str:
    """Where a source of webhooks sends them. Open to everybody: its signature is what counts."""
    return f"{WEBHOOKS}{source}"


def find(method: str, path: str) -> Route | None:
    """The route of a request; no two match the same."""
    return next((route for route in ROUTES if route.matches(method, path)), None)


def _routes(scope: Scope, *keys: str, for_tenants: bool = False) -> list[Route]:
    return [
        Route(method=method, path=path, scope=scope, for_tenants=for_tenants)
        for method, path in (key.split(" ") for key in keys)
    ]


ROUTES: tuple[Route, ...] = (
    *_routes(Scope.ENQUEUE, "POST /jobs/{job_type}", for_tenants=True),
    *_routes(
        Scope.READ,
        "GET /jobs",
        "GET /jobs/{job_id}",
        "GET /queues/{job_type}/dead",
        "GET /queues/{job_type}/dead/{job_id}",
        "GET /schedules",
        "GET /schedules/{schedule_id}",
        "GET /schedules/{schedule_id}/next",
        "GET /workflows",
        "GET /workflows/{workflow_id}",
        "GET /workflows/{workflow_id}/tree",
        "GET /workflows/{workflow_id}/picture",
        for_tenants=True,
    ),
    *_routes(
        Scope.READ,
        "GET /queues",
        "GET /queues/{job_type}/metrics",
        "GET /queues/{job_type}/groups",
        "GET /limits",
        "GET /breakers",
        "GET /operations",
        "GET /operations/{operation_id}",
        "GET /health",
        "GET /health/ready",
        "GET /metrics",
    ),
    *_routes(
        Scope.OPERATE,
        "POST /jobs/{job_id}/cancel",
        "POST /jobs/{job_id}/events/{name}",
        "POST /queues/{job_type}/dead/{job_id}/retry",
        "POST /queues/{job_type}/dead/{job_id}/discard",
        "POST /queues/{job_type}/dead/{job_id}/archive",
        "PUT /schedules/{job_type}/{key}",
        "DELETE /schedules/{schedule_id}",
        "POST /schedules/{schedule_id}/pause",
        "POST /schedules/{schedule_id}/resume",
        "POST /schedules/{schedule_id}/run",
        "POST /schedules/{schedule_id}/backfill",
        "POST /schedules/{schedule_id}/backfill/stop",
        "POST /workflows/{workflow_id}/cancel",
        "POST /workflows/{workflow_id}/retry",
        for_tenants=True,
    ),
    *_routes(
        Scope.OPERATE,
        "POST /queues/{job_type}/dead/retry-all",
        "DELETE /queues/{job_type}/dead",
        "POST /breakers/{name}/close",
        "POST /limits/{name}",
        "POST /limits/{name}/clear",
        "POST /queues/{job_type}/pause",
        "POST /queues/{job_type}/resume",
        "POST /queues/{job_type}/groups/{fingerprint}/resolve",
        "POST /queues/{job_type}/groups/{fingerprint}/ignore",
        "POST /queues/{job_type}/groups/{fingerprint}/reopen",
        "POST /operations",
        "POST /operations/{operation_id}/abort",
        "POST /operations/{operation_id}/resume",
        "GET /audit",
    ),
)
