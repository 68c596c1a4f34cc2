"""The API over a stage in memory, and callers of two tenants and none."""

import json
from collections.abc import Mapping
from typing import Any

from tests.unit.operations.ward import VISIT, Patient, Ward
from workerless import JobType
from workerless.http.api import Api
from workerless.http.asgi import event_of
from workerless.http.desk import Desk
from workerless.http.settings import CallerRule, HttpSettings
from workerless.http.surface import Scope
from workerless.http.webhook import Webhooks
from workerless.ports import Directory

TENANTS = ("acme", "globex")
ADMIN = "arn:aws:iam::1:role/Admin"


def role(tenant: str | None, scope: Scope) -> str:
    return f"arn:aws:iam::1:role/{tenant}-{scope.value}"


RULES = {
    role(tenant, scope): CallerRule(scopes=frozenset({scope}), tenant=tenant)
    for tenant in (*TENANTS, None)
    for scope in Scope
}


class Office:
    """Where requests are handed in. Jobs of the type ``visit`` fail until ``ward.cure``."""

    def __init__(
        self,
        settings: HttpSettings | None = None,
        *,
        directory: Directory | None = None,
        job_type: JobType[Patient, None] = VISIT,
    ) -> None:
        self.ward = Ward(job_type)
        doubles, client = self.ward.stage.doubles, self.ward.stage.client
        self.telemetry = doubles.telemetry
        self.desk = Desk(
            client=client,
            operate=self.ward.operations.acting_as,
            directory=directory or doubles.directory,
            job_types={"visit": job_type},
            clock=self.ward.clock,
        )
        self.api = Api(
            self.desk,
            settings=settings or HttpSettings(callers=RULES),
            webhooks=Webhooks({}, secret=str, client=client, job_types={}, clock=self.ward.clock),
            telemetry=self.telemetry,
        )

    def ask(
        self,
        key: str,
        body: Any = None,
        *,
        by: str | None = ADMIN,
        query: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> tuple[int, Any]:
        """Status and body of the answer to ``key``, a method and a path."""
        answer = self.hand_in(key, body, by=by, query=query, headers=headers)
        text = answer["body"]
        is_json = answer["headers"]["Content-Type"] == "application/json"
        return int(answer["statusCode"]), json.loads(text) if is_json else text

    def hand_in(
        self,
        key: str,
        body: Any = None,
        *,
        by: str | None = ADMIN,
        query: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        """The answer as API Gateway gets it."""
        method, path = key.split(" ")
        return self.api.handle(
            event_of(
                {"method": method, "path": path, "query_string": query.encode()},
                {"content-type": "application/json", **(headers or {})},
                b"" if body is None else json.dumps(body).encode(),
                {"iam": {"userArn": by}} if by else {},
            )
        )

    def enqueue(self, number: int, *, by: str = ADMIN, **options: Any) -> str:
        """The id of a job."""
        status, answer = self.ask(
            "POST /jobs/visit", {"data": {"number": number}, **options}, by=by
        )
        assert status == 202, answer
        job_id: str = answer["jobId"]
        return job_id

    def kill(self, number: int, *, by: str = ADMIN) -> str:
        """The id of a job that has failed for good."""
        job_id = self.enqueue(number, by=by)
        self.ward.stage.drain()
        return job_id
