"""Two tenants, three roles and every route: each may what is written here, and nothing else."""

import json
from collections.abc import Sequence
from datetime import timedelta

import pytest

from tests.security.place import (
    ENQUEUE,
    MISSING,
    OWN,
    READ,
    SHARED,
    WHY,
    Place,
    without_id,
)
from tests.unit.http.office import TENANTS, role
from workerless.http.surface import ROUTES, Scope
from workerless.record import Record


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
    before = place.office.ward.records(), place.stands()

    theirs = place.ask(key, path, body, query, by=other)
    none = place.ask(key, path, body, query, by=other, **MISSING)

    assert without_id(theirs) == without_id(none)
    assert (place.office.ward.records(), place.stands()) == before


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
