"""The query parameters of lists, each said once."""

from datetime import datetime
from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query
from pydantic import AwareDatetime, StringConstraints

from workerless.http.caller import Caller
from workerless.http.problem import Problem
from workerless.search import Search
from workerless.states import State

Text = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Limit = Annotated[int, Query(ge=1, le=200, description="how many at most")]
Cursor = Annotated[
    str | None, Query(max_length=4096, description="where the next page starts, as the last said")
]
Wait = Annotated[
    int, Query(ge=0, le=25, description="seconds to wait for its end, if too many others do not")
]
JobTypeName = Annotated[Text | None, Query(alias="type", description="a job type")]
States = Annotated[list[State] | None, Query(alias="state", description="one of these states")]
Tenant = Annotated[Text | None, Query(description="for callers that belong to none")]
Fingerprint = Annotated[Text | None, Query(description="of the error")]
ErrorType = Annotated[Text | None, Query(alias="errorType", description="of the last error")]
ReasonWord = Annotated[Text | None, Query(alias="reason", description="why it failed")]
Tags = Annotated[list[Text] | None, Query(alias="tag", description="all of these tags")]
Key = Annotated[
    Text | None,
    Query(pattern=r"^[A-Za-z0-9_.]+:", description="a search key, field:value", examples=["id:7"]),
]
Words = Annotated[Text | None, Query(alias="text", description="in id, reason, error and tags")]
Since = Annotated[AwareDatetime | None, Query(description="last change at or after")]
Until = Annotated[AwareDatetime | None, Query(description="last change before")]
OlderThan = Annotated[
    int, Query(alias="olderThan", ge=0, le=315_360_000_000, description="milliseconds")
]


def search_of(
    caller: Caller,
    *,
    job_type: str | None = None,
    states: list[State] | None = None,
    tenant: str | None = None,
    fingerprint: str | None = None,
    error_type: str | None = None,
    reason: str | None = None,
    tags: list[str] | None = None,
    key: str | None = None,
    text: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> Search:
    """What ``caller`` looks for, among what it may see.

    Raises ``Problem`` for another tenant than its own.
    """
    if caller.tenant is not None and tenant not in (None, caller.tenant):
        raise Problem(403, "forbidden", "the tenant must be your own", field="query.tenant")
    field, _, value = (key or "").partition(":")
    return Search(
        job_type=job_type,
        states=frozenset(states or ()),
        tenant=caller.tenant or tenant,
        fingerprint=fingerprint,
        error_type=error_type,
        reason=reason,
        tags=frozenset(tags or ()),
        keys={field: value} if field else {},
        text=text,
        since=since,
        until=until,
    )
