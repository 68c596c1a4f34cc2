"""A tenant's schedules are its own: those of others, and of nobody, look like none."""

import json

import pytest

from tests.security.place import MISSING, OWN, READ, Place, without_id
from tests.unit.http.office import TENANTS, role


@pytest.mark.parametrize("key", [key for key in OWN if "{schedule_id}" in key])
def test_declared_schedule_of_no_tenant_looks_like_none_to_tenants(key: str) -> None:
    path, scope, body, query, *_ = OWN[key]
    place, mine = Place(), role(TENANTS[0], scope)
    nobodys = place.names["declared"]

    theirs = place.ask(key, path, body, query, by=mine, schedule=nobodys, held=nobodys)
    none = place.ask(key, path, body, query, by=mine, **MISSING)

    assert without_id(theirs) == without_id(none)
    assert theirs[0] == 404


def test_tenant_is_shown_its_own_schedules_and_no_operators_names() -> None:
    place = Place()
    told = {
        tenant: place.office.ask("GET /schedules", by=role(tenant, READ))[1]
        for tenant in (*TENANTS, None)
    }

    ids = {tenant: sorted(one["id"] for one in page["schedules"]) for tenant, page in told.items()}
    assert ids == {
        TENANTS[0]: ["visit--held", "visit--rounds"],
        TENANTS[1]: [],
        None: ["visit--held", "visit--rounds", "visit-hourly"],
    }
    assert "arn:" not in json.dumps(told[TENANTS[0]])
    shown = place.office.ask("GET /schedules/visit--held", by=role(TENANTS[0], READ))
    assert "arn:" not in json.dumps(shown)
