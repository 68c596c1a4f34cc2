"""Signed webhooks: what is really its sender's becomes a job, once; nothing else does."""

import hmac
import json
from base64 import b64encode
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

import pytest

from workerless import JobType, Payload, State, WorkerlessError
from workerless.errors import JobConflictError
from workerless.http.problem import Problem
from workerless.http.settings import Scheme, WebhookSource
from workerless.http.webhook import Webhooks
from workerless.testing.stage import InMemoryStage

KEY, OLD_KEY = b"k" * 24, b"o" * 24
SECRET = f"whsec_{b64encode(KEY).decode()}"
OLD_SECRET = f"whsec_{b64encode(OLD_KEY).decode()}"


class Paid(Payload):
    """An invoice was paid."""

    invoice: str


paid = JobType(name="paid", payload=Paid)
BODY = b'{"invoice": "i-7", "new_field": [1, 2]}'


class World:
    def __init__(self, secret: str = f"{SECRET} {OLD_SECRET}") -> None:
        self.stage = InMemoryStage(paid)
        self.now = int(self.stage.clock.now().timestamp())
        self.webhooks = Webhooks(
            {
                "shop": WebhookSource(job_type="paid", signing_key="/shop", tenant="acme"),
                "github": WebhookSource(
                    job_type="paid", signing_key="/github", scheme=Scheme.GITHUB
                ),
            },
            secret={"/shop": secret, "/github": "s3cret"}.__getitem__,
            client=self.stage.client,
            job_types={"paid": paid},
            clock=self.stage.clock,
        )

    def post(self, source: str, body: bytes, headers: Mapping[str, str]) -> dict[str, Any]:
        return self.webhooks.handle(
            {
                "rawPath": f"/webhooks/{source}",
                "requestContext": {"http": {"method": "POST"}},
                "headers": {"content-type": "application/json", **headers},
                "body": b64encode(body).decode(),
                "isBase64Encoded": True,
            }
        )

    def standard(
        self, *, delivery: str = "d-1", late: int = 0, key: bytes = KEY, body: bytes = BODY
    ) -> dict[str, str]:
        at = str(self.now - late)
        signature = hmac.digest(key, f"{delivery}.{at}.".encode() + body, sha256)
        return {
            "webhook-id": delivery,
            "webhook-timestamp": at,
            "webhook-signature": f"v1a,xyz v1,{b64encode(signature).decode()}",
        }


@pytest.fixture
def world() -> World:
    return World()


def github(body: bytes, key: str = "s3cret") -> dict[str, str]:
    digest = hmac.digest(key.encode(), body, sha256).hex()
    return {"x-hub-signature-256": f"sha256={digest}"}


def accepted(answer: dict[str, Any]) -> tuple[str, bool]:
    assert answer["statusCode"] == 202
    told = json.loads(answer["body"])
    return told["jobId"], told["duplicate"]


def test_delivery_becomes_a_job_of_its_sources_tenant(world: World) -> None:
    job_id, is_duplicate = accepted(world.post("shop", BODY, world.standard()))

    (job,) = world.stage.enqueued(paid)
    assert (job.id, is_duplicate, job.payload) == (job_id, False, Paid(invoice="i-7"))
    status = world.stage.client.job(job_id).status()
    assert (status.state, status.tenant) == (State.PENDING, "acme")


def test_delivery_that_comes_again_is_the_same_job(world: World) -> None:
    first, _ = accepted(world.post("shop", BODY, world.standard()))
    again, is_duplicate = accepted(world.post("shop", BODY, world.standard(late=60)))

    assert (again, is_duplicate) == (first, True)
    assert len(world.stage.enqueued(paid)) == 1


def test_delivery_that_comes_again_with_another_body_is_refused(world: World) -> None:
    world.post("shop", BODY, world.standard())
    other = b'{"invoice": "i-8"}'

    with pytest.raises(JobConflictError):
        world.post("shop", other, world.standard(body=other))


@pytest.mark.parametrize("late", [-300, 300])
def test_clocks_may_differ_by_five_minutes(world: World, late: int) -> None:
    accepted(world.post("shop", BODY, world.standard(late=late)))


def test_secret_that_is_being_replaced_still_counts(world: World) -> None:
    accepted(world.post("shop", BODY, world.standard(key=OLD_KEY)))


def test_github_is_known_by_its_own_header_and_its_delivery_by_the_body(world: World) -> None:
    first, _ = accepted(world.post("github", BODY, {**github(BODY), "x-github-delivery": "a"}))
    again, is_duplicate = accepted(
        world.post("github", BODY, {**github(BODY), "x-github-delivery": "b"})
    )

    assert (again, is_duplicate) == (first, True)


def test_whatever_is_wrong_the_answer_is_the_same(world: World) -> None:
    right = world.standard()
    wrong: list[tuple[str, bytes, dict[str, str]]] = [
        ("shop", BODY, {}),
        ("shop", BODY + b" ", right),
        ("shop", BODY, world.standard(late=301)),
        ("shop", BODY, world.standard(late=-301)),
        ("shop", BODY, world.standard(late=-(10**400))),
        ("shop", BODY, world.standard(key=b"x" * 24)),
        ("shop", BODY, world.standard(key=b"")),
        ("shop", BODY, world.standard(delivery="")),
        ("shop", BODY, {**right, "webhook-id": "d-2"}),
        ("shop", BODY, {**right, "webhook-timestamp": f"{world.now + 1}"}),
        ("shop", BODY, {**right, "webhook-timestamp": "٣"}),
        ("shop", BODY, {**right, "webhook-signature": "v1,"}),
        ("shop", BODY, {**right, "webhook-signature": "v1,%%% v1"}),
        (
            "shop",
            BODY,
            {**right, "webhook-signature": right["webhook-signature"].replace("v1,", "v2,")},
        ),
        ("shop", BODY, github(BODY)),
        ("github", BODY, {}),
        ("github", BODY, github(BODY, "other")),
        ("github", BODY, github(BODY, "")),
        ("github", BODY + b" ", github(BODY)),
        ("github", BODY, {"x-hub-signature-256": "sha256=é"}),
        ("github", b"not even json", github(BODY)),
    ]

    answers = set()
    for source, body, headers in wrong:
        with pytest.raises(Problem) as caught:
            world.post(source, body, headers)
        answers.add((caught.value.status, caught.value.code, caught.value.message))

    assert answers == {(401, "unauthorized", "the request is not signed as it should be")}
    assert world.stage.enqueued() == []


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [(b"[]", 400, None), (b"{}", 400, "data.invoice"), (b'{"invoice": 7}', 400, "data.invoice")],
)
def test_signed_body_that_does_not_fit_is_refused_by_field(
    world: World, body: bytes, status: int, field: str | None
) -> None:
    with pytest.raises(Problem) as caught:
        world.post("shop", body, world.standard(body=body))

    assert (caught.value.status, caught.value.field) == (status, field)


def test_source_that_nobody_declared_is_not_there(world: World) -> None:
    with pytest.raises(Problem) as caught:
        world.post("stripe", BODY, world.standard())

    assert caught.value.status == 404


@pytest.mark.parametrize("secret", ["whsec_", "whsec_c2hvcnQ=", "whsec_%%%"])
def test_secret_with_which_anybody_could_sign_is_no_secret(secret: str) -> None:
    world = World(secret)

    with pytest.raises(WorkerlessError, match="must be whsec_"):
        world.post("shop", BODY, world.standard(key=b""))
