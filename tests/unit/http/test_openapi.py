"""The committed document is the API's own."""

from pathlib import Path

import jsonschema

from workerless.http.openapi import document, text
from workerless.http.surface import ROUTES

COMMITTED = Path(__file__).resolve().parents[3] / "docs" / "openapi.json"


def test_committed_document_is_up_to_date() -> None:
    assert COMMITTED.read_text() == text(), (
        "run `python -m workerless.http.openapi > docs/openapi.json`"
    )


def test_every_route_is_told_of_with_a_name_and_its_scope() -> None:
    told = {
        f"{method.upper()} {path}": operation
        for path, methods in document()["paths"].items()
        for method, operation in methods.items()
    }

    assert told.keys() == {route.key for route in ROUTES}
    assert len({one["operationId"] for one in told.values()}) == len(ROUTES)
    assert {key: one["x-scope"] for key, one in told.items()} == {
        route.key: route.scope.value for route in ROUTES
    }


def test_examples_fit_their_schemas() -> None:
    schemas = document()["components"]["schemas"]
    examples = [
        (example, {**field, "components": {"schemas": schemas}})
        for schema in schemas.values()
        for field in schema.get("properties", {}).values()
        for example in field.get("examples", [])
    ]

    assert examples
    for example, field in examples:
        jsonschema.validate(example, field)
