"""Two tenants, three roles and every route: each may what is written here, and nothing else."""

import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from tests.unit.http.office import TENANTS, Office, role
from workerless import Dependency
from workerless.flow.breaker import NEW, opened
from workerless.http.surface import ROUTES, Scope
from workerless.record import Record

READ, ENQUEUE, OPERATE = Scope.READ, Scope.ENQUEUE, Scope.OPERATE
WHY = {"why": "asked to"}
PAUSED = {"tenant": "nobody"}
# Path, scope, body and query, and the status for the tenant whose job it is and for the other one.
# The parts in braces are jobs of the first: one that waits, one that is dead.
OWN: dict[str, tuple[str, Scope, Any, str, int, int]] = {
    "POST /jobs/{job_type}": ("/jobs/visit", ENQUEUE, {"data": {"number": 1}}, "", 202, 202),
    "GET /jobs": ("/jobs", READ, None, "type=visit", 200, 200),
    "GET /jobs/{job_id}": ("/jobs/{waiting}", READ, None, "", 200, 404),
    "POST /jobs/{job_id}/cancel": ("/jobs/{waiting}/cancel", OPERATE, WHY, "", 200, 404),
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
MISSING = {"waiting": "no-such-job", "dead": "no-such-job", "operation": "no-such-operation"}


class Place:
    """An office with one waiting and one dead job of the first tenant, and an operation."""

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
        self.office.ward.declared.clear()  # so that any limit may be meant
        self.office.ask("POST /limits/keys:visit", {"limit": 2, **WHY})
        _, operation = self.office.ask("POST /operations", wanted)
        self.names["operation"] = operation["id"]

    def ask(
        self, key: str, path: str, body: Any, query: str, *, by: str | None, **names: str
    ) -> tuple[int, Any]:
        method = key.partition(" ")[0]
        filled = path.format(**(self.names | names))
        return self.office.ask(f"{method} {filled}", body, by=by, query=query)


def test_every_route_is_in_a_table() -> None:
    assert OWN.keys() | SHARED.keys() == {route.key for route in ROUTES}


@pytest.mark.parametrize("scope", Scope)
@pytest.mark.parametrize("tenant", [0, 1])
@pytest.mark.parametrize("key", OWN)
def test_tenant_may_what_its_scope_allows_with_its_own_jobs(
    key: str, tenant: int, scope: Scope
) -> None:
    path, needed, body, query, own, others = OWN[key]

    status, _ = Place().ask(key, path, body, query, by=role(TENANTS[tenant], scope))

    assert status == ((own, others)[tenant] if scope is needed else 403)


@pytest.mark.parametrize("scope", Scope)
@pytest.mark.parametrize("key", SHARED)
def test_what_all_share_is_for_callers_of_no_tenant(key: str, scope: Scope) -> None:
    path, needed, body, query = SHARED[key]
    place = Place()

    told = {
        tenant: place.ask(key, path, body, query, by=role(tenant, scope))[0]
        for tenant in (*TENANTS, None)
    }

    assert told.pop(None) == (expected(key) if scope is needed else 403)
    assert set(told.values()) == {403}


def expected(key: str) -> int:
    return 202 if key == "POST /operations" else 200


@pytest.mark.parametrize("key", sorted(OWN.keys() | SHARED.keys()))
def test_nobody_may_nothing(key: str) -> None:
    path, _, body, query, *_ = (OWN | SHARED)[key]

    assert Place().ask(key, path, body, query, by=None)[0] == 403


@pytest.mark.parametrize("key", [key for key, (*_, others) in OWN.items() if others == 404])
def test_job_of_another_tenant_looks_like_none(key: str) -> None:
    path, scope, body, query, *_ = OWN[key]
    place, other = Place(), role(TENANTS[1], scope)
    before = place.office.ward.records()

    theirs = place.ask(key, path, body, query, by=other)
    none = place.ask(key, path, body, query, by=other, **MISSING)

    assert without_id(theirs) == without_id(none)
    assert place.office.ward.records() == before


def without_id(answer: tuple[int, Any]) -> tuple[int, Any]:
    status, body = answer
    return status, {name: value for name, value in body.items() if name != "request_id"}


@pytest.mark.parametrize("verb", ["discard", "archive"])
def test_tenant_is_not_told_who_the_operators_are(verb: str) -> None:
    place, mine = Place(), role(TENANTS[0], READ)
    ended = place.names["dead"]
    wanted = {"kind": "cancel", "filter": {"type": "visit"}, "why": "stop"}

    place.office.ask(f"POST /queues/visit/dead/{ended}/{verb}", WHY)
    place.office.ward.clock.advance(timedelta(seconds=1))
    place.office.ask("POST /operations", wanted)
    place.office.ward.drive()

    told = [place.office.ask(f"GET /jobs/{place.names[name]}", by=mine) for name in place.names]
    assert {job["state"] for _, job in told if "state" in job} == {"discarded", "cancelled"}
    assert "arn:" not in json.dumps(told)


def test_job_of_another_tenant_costs_as_many_reads_as_none() -> None:
    place, other = Place(), role(TENANTS[1], READ)
    store = place.office.ward.stage.doubles.store
    reads: list[int] = []
    real = store.get_many

    def counted(job_ids: Sequence[str]) -> list[Record | None]:
        reads.append(len(job_ids))
        return real(job_ids)

    store.get_many = counted  # type: ignore[method-assign]

    place.ask("GET /jobs/{job_id}", "/jobs/{waiting}", None, "", by=other)
    place.ask("GET /jobs/{job_id}", "/jobs/{waiting}", None, "", by=other, **MISSING)

    assert reads == [1, 1]


@pytest.mark.parametrize("path", ["GET /jobs", "GET /queues/visit/dead"])
@pytest.mark.parametrize(
    "query",
    [
        "",
        "text=visit",
        "text=%25",
        "text=*",
        "reason=attempts_exhausted",
        "fingerprint=%27%20OR%201%3D1",
        "limit=200",
    ],
)
def test_no_filter_shows_anothers_jobs(path: str, query: str) -> None:
    place = Place()
    mine = f"type=visit&{query}" if path == "GET /jobs" else query

    status, page = place.office.ask(path, by=role(TENANTS[1], READ), query=mine)

    assert (status, page["jobs"]) == (200, [])


@pytest.mark.parametrize("path", ["GET /jobs", "GET /queues/visit/dead"])
def test_tenant_cannot_ask_for_another(path: str) -> None:
    place = Place()

    status, _ = place.office.ask(path, by=role(TENANTS[1], READ), query=f"tenant={TENANTS[0]}")

    assert status == 403


def test_cursor_of_another_tenant_is_refused() -> None:
    place = Place()
    for number in range(3):
        for tenant in TENANTS:
            place.office.kill(number, by=role(tenant, ENQUEUE))
    asked = "type=visit&state=failed&limit=1"
    _, page = place.office.ask("GET /jobs", by=role(TENANTS[0], READ), query=asked)

    status, answer = place.office.ask(
        "GET /jobs", by=role(TENANTS[1], READ), query=f"{asked}&cursor={page['cursor']}"
    )

    assert (status, answer["code"]) == (400, "invalid_cursor")


def test_what_others_wrote_cannot_steer_a_terminal() -> None:
    wild = "\x1b]0;owned\x07\u202e\u2028"
    wanted = {"kind": "retry", "filter": {"type": "visit", "text": wild}, "dryRun": True}

    answer = Place().office.hand_in("POST /operations", wanted)

    assert answer["statusCode"] == 202
    assert json.loads(answer["body"])["filter"]["text"] == wild
    assert answer["body"].isascii()
    assert answer["body"].isprintable()
