"""Events of whoever has a token: no other right is needed, and nothing else is to be had for it.

A token is all that tells its bearer from anybody, so no answer says more than whether it was good:
neither which job it is for, nor what others have decided.
"""

import re
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from workerless.errors import JobNotFoundError, JobStateError
from workerless.http import problem
from workerless.http.desk import Desk
from workerless.http.problem import Problem
from workerless.http.request import checked
from workerless.http.shape import Event
from workerless.http.surface import TOKENS
from workerless.misfit import misfit

_TOKEN = re.compile(r"[A-Za-z0-9_-]{1,128}")
# What the audit calls whoever has one.
_BEARER = "token"
_DECIDED = Problem(409, "decided", "this was decided before, or it is too late")


class Tokens:
    """The door for bearers of tokens; shut unless the stage opens it."""

    def __init__(self, desk: Desk, *, is_open: bool) -> None:
        self._desk = desk
        self._is_open = is_open

    def handle(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """The response to a request below ``TOKENS``. Raises ``Problem``, and what stores raise."""
        token = event["rawPath"].removeprefix(TOKENS)
        is_post = event["requestContext"]["http"]["method"] == "POST"
        if not (self._is_open and is_post and _TOKEN.fullmatch(token)):
            raise problem.NOT_FOUND
        try:
            self._desk.operate(_BEARER).jobs.send_event_by(token, _data(event))
        except JobNotFoundError as error:
            raise problem.NOT_FOUND from error
        except JobStateError as error:
            raise _DECIDED from error
        return problem.response(202, {"status": "taken"})


def _data(event: Mapping[str, Any]) -> Mapping[str, Any]:
    body = checked(event, parameters=())["body"]
    try:
        return Event.model_validate_json(body or "{}").data
    except ValidationError as error:
        found = misfit(error, below="body")
        raise Problem(400, "invalid_request", found.message, field=found.field) from error
