"""What every route is asked for, by whom it may be, and a place where all that is there."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from tests.unit.http.office import TENANTS, Office, role
from tests.unit.operations.rounds import a_round
from tests.unit.operations.ward import a_job_type
from tests.unit.schedule.at_nine import a_plan
from workerless import Concurrency, Dependency
from workerless.flow.breaker import NEW, opened
from workerless.frozen import replace
from workerless.http.surface import Scope
from workerless.schedule.stand import Backfill, Pause, Reprocess, Span, Stand

READ, ENQUEUE, OPERATE = Scope.READ, Scope.ENQUEUE, Scope.OPERATE
WHY = {"why": "asked to"}
PAUSED = {"tenant": "nobody"}
# Path, scope, body and query, and the status for the tenant whose job it is and for the other one.
# The parts in braces are of the first: a job that waits, one that is dead, a schedule, and one that
# is paused while a backfill of it goes on.
OWN: dict[str, tuple[str, Scope, Any, str, int, int]] = {
    "POST /jobs/{job_type}": ("/jobs/visit", ENQUEUE, {"data": {"number": 1}}, "", 202, 202),
    "GET /jobs": ("/jobs", READ, None, "type=visit", 200, 200),
    "GET /jobs/{job_id}": ("/jobs/{waiting}", READ, None, "", 200, 404),
    "POST /jobs/{job_id}/cancel": ("/jobs/{waiting}/cancel", OPERATE, WHY, "", 200, 404),
    "POST /jobs/{job_id}/events/{name}": (
        "/jobs/{waiting}/events/approved",
        OPERATE,
        {"data": {"by": "grace"}},
        "",
        202,
        404,
    ),
    "GET /queues/{job_type}/dead": ("/queues/visit/dead", READ, None, "", 200, 200),
    "GET /queues/{job_type}/dead/{job_id}": ("/queues/visit/dead/{dead}", READ, None, "", 200, 404),
    "POST /queues/{job_type}/dead/{job_id}/retry": (
        "/queues/visit/dead/{dead}/retry",
        OPERATE,
        WHY,
        "",
        200,
        404,
    ),
    "POST /queues/{job_type}/dead/{job_id}/discard": (
        "/queues/visit/dead/{dead}/discard",
        OPERATE,
        WHY,
        "",
        200,
        404,
    ),
    "POST /queues/{job_type}/dead/{job_id}/archive": (
        "/queues/visit/dead/{dead}/archive",
        OPERATE,
        WHY,
        "",
        200,
        404,
    ),
    "GET /schedules": ("/schedules", READ, None, "", 200, 200),
    "GET /schedules/{schedule_id}": ("/schedules/{schedule}", READ, None, "", 200, 404),
    "GET /schedules/{schedule_id}/next": ("/schedules/{schedule}/next", READ, None, "", 200, 404),
    "PUT /schedules/{job_type}/{key}": (
        "/schedules/visit/nine",
        OPERATE,
        {"when": "0 9 * * *", "data": {"number": 1}, **WHY},
        "",
        200,
        200,
    ),
    "DELETE /schedules/{schedule_id}": ("/schedules/{schedule}", OPERATE, None, "", 200, 404),
    "POST /schedules/{schedule_id}/pause": (
        "/schedules/{schedule}/pause",
        OPERATE,
        WHY,
        "",
        200,
        404,
    ),
    "POST /schedules/{schedule_id}/resume": (
        "/schedules/{held}/resume",
        OPERATE,
        WHY,
        "",
        200,
        404,
    ),
    "POST /schedules/{schedule_id}/run": ("/schedules/{schedule}/run", OPERATE, WHY, "", 202, 404),
    "POST /schedules/{schedule_id}/backfill": (
        "/schedules/{schedule}/backfill",
        OPERATE,
        {"first": "2025-12-31T20:00:00Z", "last": "2025-12-31T22:00:00Z", **WHY},
        "",
        202,
        404,
    ),
    "POST /schedules/{schedule_id}/backfill/stop": (
        "/schedules/{held}/backfill/stop",
        OPERATE,
        WHY,
        "",
        200,
        404,
    ),
    "GET /workflows": ("/workflows", READ, None, "", 200, 200),
    "GET /workflows/{workflow_id}": ("/workflows/{workflow}", READ, None, "", 200, 404),
    "GET /workflows/{workflow_id}/tree": ("/workflows/{workflow}/tree", READ, None, "", 200, 404),
    "GET /workflows/{workflow_id}/picture": (
        "/workflows/{workflow}/picture",
        READ,
        None,
        "",
        200,
        404,
    ),
    "POST /workflows/{workflow_id}/cancel": (
        "/workflows/{workflow}/cancel",
        OPERATE,
        WHY,
        "",
        202,
        404,
    ),
    "POST /workflows/{workflow_id}/retry": (
        "/workflows/{ended}/retry",
        OPERATE,
        WHY,
        "",
        202,
        404,
    ),
}
# What speaks of all tenants at once is for callers of none.
SHARED: dict[str, tuple[str, Scope, Any, str]] = {
    "GET /queues": ("/queues", READ, None, ""),
    "GET /queues/{job_type}/metrics": ("/queues/visit/metrics", READ, None, ""),
    "GET /queues/{job_type}/groups": ("/queues/visit/groups", READ, None, ""),
    "GET /breakers": ("/breakers", READ, None, ""),
    "POST /breakers/{name}/close": ("/breakers/bank/close", OPERATE, WHY, ""),
    "GET /limits": ("/limits", READ, None, ""),
    "GET /operations": ("/operations", READ, None, ""),
    "GET /operations/{operation_id}": ("/operations/{operation}", READ, None, ""),
    "GET /health": ("/health", READ, None, ""),
    "GET /health/ready": ("/health/ready", READ, None, ""),
    "GET /metrics": ("/metrics", READ, None, ""),
    "POST /queues/{job_type}/dead/retry-all": ("/queues/visit/dead/retry-all", OPERATE, None, ""),
    "DELETE /queues/{job_type}/dead": ("/queues/visit/dead", OPERATE, None, "olderThan=1"),
    "POST /limits/{name}": ("/limits/keys:visit", OPERATE, {"limit": 1, **WHY}, ""),
    "POST /limits/{name}/clear": ("/limits/keys:visit/clear", OPERATE, None, ""),
    "POST /queues/{job_type}/pause": ("/queues/visit/pause", OPERATE, WHY, ""),
    "POST /queues/{job_type}/resume": ("/queues/visit/resume", OPERATE, PAUSED, ""),
    "POST /queues/{job_type}/groups/{fingerprint}/resolve": (
        "/queues/visit/groups/0123456789abcdef/resolve",
        OPERATE,
        WHY,
        "",
    ),
    "POST /queues/{job_type}/groups/{fingerprint}/ignore": (
        "/queues/visit/groups/0123456789abcdef/ignore",
        OPERATE,
        WHY,
        "",
    ),
    "POST /queues/{job_type}/groups/{fingerprint}/reopen": (
        "/queues/visit/groups/0123456789abcdef/reopen",
        OPERATE,
        WHY,
        "",
    ),
    "POST /operations": (
        "/operations",
        OPERATE,
        {"kind": "retry", "filter": {"type": "visit"}, "dryRun": True},
        "",
    ),
    "POST /operations/{operation_id}/abort": (
        "/operations/{operation}/abort",
        OPERATE,
        WHY,
        "",
    ),
    "POST /operations/{operation_id}/resume": (
        "/operations/{operation}/resume",
        OPERATE,
        None,
        "",
    ),
    "GET /audit": ("/audit", OPERATE, None, ""),
}
MISSING = {
    "waiting": "no-such-job",
    "dead": "no-such-job",
    "operation": "no-such-operation",
    "schedule": "visit--none",
    "held": "visit--none",
    "workflow": "no-such-workflow",
    "ended": "no-such-workflow",
}


class Place:
    """An office with jobs, schedules and workflows of the first tenant, and an operation."""

    def __init__(self) -> None:
        self.office = Office()
        self.office.ward.desk.pulses.beat(self.office.ward.clock.now())
        first = role(TENANTS[0], ENQUEUE)
        self.names = {
            "dead": self.office.kill(1, by=first),
            "waiting": self.office.enqueue(2, by=first, delayMs=60_000),
        }
        wanted = {"kind": "retry", "filter": {"type": "visit", "tenant": "nobody"}}
        shut = opened(NEW, Dependency("bank", (OSError,)), self.office.ward.clock.now())
        self.office.ward.desk.breakers.save("bank", shut)
        self.office.ask("POST /queues/visit/pause", {**WHY, **PAUSED})
        self.office.ward.declared["visit"] = a_job_type(
            concurrency_key=Concurrency(3, key="number")
        )
        self.office.ask("POST /limits/keys:visit", {"limit": 2, **WHY})
        _, operation = self.office.ask("POST /operations", wanted)
        self.names["operation"] = operation["id"]
        self._add_schedules()
        self._add_workflows()

    def stands(self) -> Sequence[Stand]:
        return self.office.ward.desk.stands.page(limit=100).found

    def _add_schedules(self) -> None:
        """Two of the first tenant, and one that is declared and nobody's."""
        now = self.office.ward.clock.now()
        pause = Pause(by="arn:aws:iam::1:role/Admin", at=now, why="tax day")
        backfill = Backfill(
            backfill_id="b-1",
            span=Span(after=now - timedelta(days=1), until=now),
            limit=1,
            reprocess=Reprocess.NONE,
            by=pause.by,
            at=now,
        )
        for name, schedule_id, tenant in (
            ("schedule", "visit--rounds", TENANTS[0]),
            ("held", "visit--held", TENANTS[0]),
            ("declared", "visit-hourly", None),
        ):
            plan = a_plan(
                schedule_id=schedule_id, job_type="visit", data={"number": 1}, tenant=tenant
            )
            stand = Stand(schedule_id=schedule_id, plan=plan)
            held = replace(stand, pause=pause, backfill=backfill) if name == "held" else stand
            self.office.ward.desk.stands.save(held)
            self.names[name] = schedule_id

    def _add_workflows(self) -> None:
        """One that was cancelled, and one that runs; both of the first tenant."""
        stage = self.office.ward.stage
        stage.client.start(a_round(), workflow_id="ended", tenant=TENANTS[0]).cancel()
        stage.drain()
        stage.client.start(a_round(), workflow_id="begun", tenant=TENANTS[0])
        self.names |= {"ended": "ended", "workflow": "begun"}

    def ask(
        self, key: str, path: str, body: Any, query: str, *, by: str | None, **names: str
    ) -> tuple[int, Any]:
        method = key.partition(" ")[0]
        filled = path.format(**(self.names | names))
        return self.office.ask(f"{method} {filled}", body, by=by, query=query)


def without_id(answer: tuple[int, Any]) -> tuple[int, Any]:
    status, body = answer
    return status, {name: value for name, value in body.items() if name != "request_id"}
