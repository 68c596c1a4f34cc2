"""The OpenAPI document of the API: ``python -m workerless.http.openapi > docs/openapi.json``.

Powertools makes it from the routes; what every route has in common is said here.
"""

import json
import sys
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver

from workerless.http.desk import Desk
from workerless.http.routes import add_all
from workerless.http.shape import ProblemBody, Refusal
from workerless.http.surface import ROUTES, Scope

_PROBLEMS = {
    400: "what was asked is not well-formed, or cannot be; `field` says where",
    401: "no token that is good, where the stage asks for tokens",
    403: "not allowed: unsigned, without the scope, or for callers that belong to no tenant",
    404: "there is none; another tenant's job looks just the same",
    409: "its state does not allow it",
    413: "the body is bigger than 1 MiB",
    415: "the body is not application/json",
    422: "the Idempotency-Key was used with another payload",
    429: "too many requests, or `queue_full`: too many jobs of this type wait; try again later",
    503: "a service does not answer; try again",
}
# The gateway answers some by itself, in its own words.
_BY_GATEWAY = {401}
_BY_EITHER = {403, 413, 429, 503}
_WITH_BODY = {409, 413, 415}
_WITH_KEY = {422}
_SCHEMES = {
    "iam": {
        "type": "apiKey",
        "name": "Authorization",
        "in": "header",
        "description": "AWS Signature Version 4, service execute-api: the default",
        "x-amazon-apigateway-authtype": "awsSigv4",
    },
    "token": {"type": "http", "scheme": "bearer", "description": "where the stage says so"},
}


def document() -> dict[str, Any]:
    """The whole document, the same for every stage and project."""
    app = _routes_alone()
    made: dict[str, Any] = json.loads(
        app.get_openapi_json_schema(
            title="Workerless",
            version="1",
            description="Background jobs: enqueue, follow and operate them.",
        )
    )
    components = made["components"]
    schemas = components["schemas"]
    for name in ("HTTPValidationError", "ValidationError", "ResponseValidationError"):
        schemas.pop(name, None)
    schemas["Problem"] = ProblemBody.model_json_schema()
    schemas["Refusal"] = Refusal.model_json_schema()
    components["responses"] = {f"Problem{status}": _problem(status) for status in _PROBLEMS}
    components["securitySchemes"] = _SCHEMES
    made["security"] = [{name: []} for name in _SCHEMES]
    made.pop("servers", None)  # each stage has its own
    told = _docstrings(app)
    for route in ROUTES:
        _complete(made["paths"][route.path][route.method.lower()], route.scope, told[route.key])
    _correct(made["paths"])
    return made


def _problem(status: int) -> dict[str, Any]:
    ours, gateway = ({"$ref": f"#/components/schemas/{name}"} for name in ("Problem", "Refusal"))
    schema: dict[str, Any] = gateway if status in _BY_GATEWAY else ours
    if status in _BY_EITHER:
        schema = {"anyOf": [ours, gateway]}
    return {"description": _PROBLEMS[status], "content": {"application/json": {"schema": schema}}}


def _routes_alone() -> APIGatewayHttpResolver:
    """All routes, with nothing behind them: they are looked at and never called."""
    nothing: Any = None
    desk = Desk(client=nothing, operate=nothing, directory=nothing, job_types={}, clock=nothing)
    add_all(desk)
    return desk.app


def _docstrings(app: APIGatewayHttpResolver) -> dict[str, str]:
    routes = app._static_routes + app._dynamic_routes  # noqa: SLF001 -- it offers no list
    return {f"{one.method} {one.openapi_path}": one.func.__doc__ or "" for one in routes}


def _complete(operation: dict[str, Any], scope: Scope, told: str) -> None:
    operation["summary"] = told.partition("\n")[0].rstrip(".")
    operation["description"] = f"Takes the scope `{scope.value}`."
    operation["x-scope"] = scope.value
    answers = {
        status: answer
        for status, answer in operation["responses"].items()
        if status not in ("422", "500")  # Powertools' own, which nobody gets
    }
    for status in _PROBLEMS:
        answers[str(status)] = {"$ref": f"#/components/responses/Problem{status}"}
    left_out = set() if "requestBody" in operation else _WITH_BODY
    left_out = left_out if operation["operationId"] == "enqueueJob" else left_out | _WITH_KEY
    operation["responses"] = {
        status: answer for status, answer in sorted(answers.items()) if int(status) not in left_out
    }
    for parameter in operation.get("parameters", []):
        if parameter["in"] == "header":
            parameter["name"] = parameter["schema"]["title"]


def _correct(paths: dict[str, Any]) -> None:
    """What Powertools cannot know of answers that the routes make themselves."""
    figures = paths["/metrics"]["get"]["responses"]["200"]
    figures["content"] = {"text/plain": {"schema": {"type": "string"}}}
    picture = paths["/workflows/{workflow_id}/picture"]["get"]["responses"]["200"]
    picture["content"] = {
        "image/svg+xml": {"schema": {"type": "string"}},
        "text/plain": {"schema": {"type": "string"}},
    }
    for path in ("/health", "/health/ready"):
        answers = paths[path]["get"]["responses"]
        well = answers["200"]["content"]["application/json"]["schema"]
        either = {"anyOf": [well, {"$ref": "#/components/schemas/Problem"}]}
        answers["503"] = {
            "description": "it is not well, or nobody can tell",
            "content": {"application/json": {"schema": either}},
        }
    for operations in paths.values():
        for operation in operations.values():
            content = operation.get("requestBody", {}).get("content", {})
            for one in content.values():
                one["schema"] = _without_null(one["schema"])


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """A body that may be left out is no body that may be null."""
    match schema:
        case {"anyOf": [dict(inner), {"type": "null"}]}:
            return inner
        case _:
            return schema


def text() -> str:
    """As it is committed."""
    return json.dumps(document(), indent=2) + "\n"


if __name__ == "__main__":
    sys.stdout.write(text())
