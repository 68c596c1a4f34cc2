"""The way of a request: which route, who asks, may they, is it well-formed; then what was asked.

Whatever goes wrong on it is answered with a problem. No answer and no line of the log ever holds
a value of a payload, nor the text of an exception that nobody expected: that may quote one.
"""

import re
import traceback
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from aws_lambda_powertools.event_handler.openapi.dependant import get_flat_params

from workerless.http import problem, surface
from workerless.http.caller import Caller, identify
from workerless.http.desk import Desk
from workerless.http.problem import Problem
from workerless.http.request import checked
from workerless.http.routes import add_all
from workerless.http.settings import HttpSettings
from workerless.http.surface import Route
from workerless.http.tokens import Tokens
from workerless.http.webhook import Webhooks
from workerless.ports import Telemetry

# What ids and names are made of: nothing else can be there, so nobody is asked for it.
_PART = re.compile(r"[A-Za-z0-9_.:-]{1,128}")
_SERVER_ERROR = Problem(500, "internal_error", "something went wrong here; it was logged")


class Api:
    """Answers events of API Gateway (HTTP API, payload 2.0), one at a time."""

    def __init__(
        self, desk: Desk, *, settings: HttpSettings, webhooks: Webhooks, telemetry: Telemetry
    ) -> None:
        self.desk = desk
        self._settings = settings
        self._webhooks = webhooks
        self._tokens = Tokens(desk, is_open=settings.tokens)
        self._telemetry = telemetry
        add_all(desk)
        self._parameters = _parameters(desk)

    def handle(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """The response. Never raises."""
        began, context = self.desk.clock.now(), event["requestContext"]
        method, path = context["http"]["method"], event["rawPath"]
        route = surface.find(method, path)
        try:
            if path.startswith(surface.WEBHOOKS):
                answer = self._webhooks.handle(event)
            elif path.startswith(surface.TOKENS):
                answer = self._tokens.handle(event)
            else:
                answer = self._answer(event, _agreed(route, event))
        except Exception as error:  # noqa: BLE001 -- the end of the way: whatever it is, answer
            answer = problem.answer(self._problem(error, context), context["requestId"])
        self._log(route.key if route else f"{method} ?", answer, context, began)
        return answer

    def _answer(self, event: Mapping[str, Any], route: Route) -> dict[str, Any]:
        caller = identify(event["requestContext"].get("authorizer") or {}, self._settings)
        caller = _permitted(caller, route)
        request = checked(event, parameters=self._parameters[route.key])
        answer = self.desk.answer(request, caller)
        answer["headers"]["Cache-Control"] = "no-store"
        return answer

    def _problem(self, error: Exception, context: Mapping[str, Any]) -> Problem:
        if isinstance(error, NotFoundError):
            return problem.NOT_FOUND
        expected = problem.problem_of(error)
        if expected is not None and expected.status < 500:  # noqa: PLR2004 -- a caller's mistake
            return expected
        self._telemetry.trouble(
            "http.failed",
            None,
            request_id=context["requestId"],
            error_type=type(error).__name__,
            where=_where(error),
        )
        return expected or _SERVER_ERROR

    def _log(
        self, route: str, answer: Mapping[str, Any], context: Mapping[str, Any], began: datetime
    ) -> None:
        duration = self.desk.clock.now() - began
        self._telemetry.transition(
            {
                "event": "http.answered",
                "route": route,
                "status": int(answer["statusCode"]),
                "request_id": context["requestId"],
                "duration_ms": round(duration.total_seconds() * 1000, 1),
            }
        )


def _agreed(route: Route | None, event: Mapping[str, Any]) -> Route:
    """``route``, if API Gateway had the same in mind when it asked IAM. Raises ``Problem``.

    It routes by the path as it was sent, and here that is decoded: jobs/x%2Fcancel is one part
    to the one and two to the other.
    """
    key = event.get("routeKey")
    if route is None or key not in (route.key, "$default"):
        raise problem.NOT_FOUND
    if not all(_PART.fullmatch(part) for part in event["rawPath"].split("/")[1:]):
        raise problem.NOT_FOUND
    return route


def _permitted(caller: Caller | None, route: Route) -> Caller:
    if caller is None:
        raise problem.FORBIDDEN
    if route.scope not in caller.scopes:
        raise Problem(403, "forbidden", f"this takes the scope {route.scope.value}")
    if caller.tenant is not None and not route.for_tenants:
        raise Problem(403, "forbidden", "this is for callers that belong to no tenant")
    return caller


def _parameters(desk: Desk) -> dict[str, frozenset[str]]:
    """The query parameters of each route."""
    routes = desk.app._static_routes + desk.app._dynamic_routes  # noqa: SLF001 -- it offers no list
    return {
        f"{route.method} {route.openapi_path}": frozenset(
            one.alias
            for one in get_flat_params(route.dependant)
            if one in route.dependant.query_params
        )
        for route in routes
    }


def _where(error: BaseException) -> str:
    """Its innermost frames, without a word of what it says."""
    frames = traceback.extract_tb(error.__traceback__)[-4:]
    return " < ".join(
        f"{frame.name} ({frame.filename}:{frame.lineno})" for frame in reversed(frames)
    )
