"""Powertools' resolver as this API uses it: its checks and its schema, our own answers."""

from typing import TYPE_CHECKING, Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.openapi.exceptions import (
    RequestValidationError,
    ResponseValidationError,
)

from workerless.http import problem
from workerless.http.problem import Problem
from workerless.misfit import first_misfit

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails


def make_resolver() -> APIGatewayHttpResolver:
    """A resolver without routes, which lets every error through, as what it came to."""
    # An answer that is not what the schema says is our mistake, not the caller's.
    app = APIGatewayHttpResolver(enable_validation=True, response_validation_error_http_code=500)
    app.exception_handler(RequestValidationError)(_refuse)
    app.exception_handler([Problem, ResponseValidationError])(_raise)
    return app


def _raise(error: Exception) -> Response[Any]:
    raise error


def _refuse(error: RequestValidationError) -> Response[Any]:
    """What does not fit, by name, and never a value."""
    details: ErrorDetails = error.errors()[0]
    where, *_ = details["loc"]
    if where == "path":
        # Nothing can be there under a name that nothing can have.
        raise problem.NOT_FOUND from error
    found = first_misfit(details)
    raise Problem(400, "invalid_request", found.message, field=found.field) from error
