"""The list of routes: each is found, none is mistaken for another."""

from itertools import combinations

import pytest

from workerless.http.surface import ROUTES, Route, Scope, find


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.key)
def test_route_is_found_by_any_path_of_its_form(route: Route) -> None:
    assert find(route.method, route.with_parts("Any-thing_1.2")) is route
    assert find("PATCH", route.with_parts("x")) is None
    assert find(route.method, f"{route.with_parts('x')}/") is None


def test_no_path_is_of_two_routes() -> None:
    both = [
        (one.key, other.key)
        for one, other in combinations(ROUTES, 2)
        if one.matches(other.method, other.with_parts("x"))
        or other.matches(one.method, one.with_parts("x"))
    ]

    assert both == []


def test_only_looking_is_done_by_get_and_only_get_is_looking() -> None:
    reads = {route.key for route in ROUTES if route.method == "GET"} - {"GET /audit"}

    assert reads == {route.key for route in ROUTES if route.scope is Scope.READ}
