"""send_email: what is sent, and what each answer of SES means."""

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast

import boto3
import pytest
from botocore.exceptions import ClientError

from functions.send_email.handler import perform, send, ses_client
from functions.send_email.job import EmailSent, SendEmail, send_email
from functions.send_email.sender import read_sender
from workerless import Fail, Snooze, State, WorkerlessError
from workerless.execution.context import JobContext
from workerless.testing.stage import InMemoryStage
from workerless.worker import worker

if TYPE_CHECKING:
    from mypy_boto3_sesv2.client import SESV2Client

WELCOME = SendEmail(
    email_id="welcome-1",
    to="ada@example.com",
    template="welcome",
    variables={"name": "Ada & Co", "link": "https://example.com/in?a=1&b=2"},
)


class FakeSes:
    """Takes every email, once it has given the errors that it has to give."""

    def __init__(self, *codes: str) -> None:
        self.codes = list(codes)
        self.sent: list[dict[str, Any]] = []

    def send_email(self, **email: Any) -> dict[str, str]:
        self.sent.append(email)
        if self.codes:
            code = self.codes.pop(0)
            raise ClientError({"Error": {"Code": code, "Message": "no"}}, "SendEmail")
        return {"MessageId": "0101-abc"}

    @property
    def client(self) -> "SESV2Client":
        return cast("SESV2Client", self)


def test_email_reaches_ses_with_both_bodies_and_its_tags(job: JobContext) -> None:
    ses = FakeSes()

    result = send(WELCOME, job, ses=ses.client, sender="shop@example.com")

    assert result.message_id == "0101-abc"
    [email] = ses.sent
    body = email["Content"]["Simple"]["Body"]
    assert email["FromEmailAddress"] == "shop@example.com"
    assert email["Destination"] == {"ToAddresses": ["ada@example.com"]}
    assert email["Content"]["Simple"]["Subject"]["Data"] == "Welcome, Ada & Co"
    assert "Hello Ada & Co," in body["Text"]["Data"]
    assert "Hello Ada &amp; Co," in body["Html"]["Data"]
    assert email["EmailTags"] == [
        {"Name": "email_id", "Value": "welcome-1"},
        {"Name": "job_id", "Value": "order_58213_welcome"},
    ]


@pytest.mark.parametrize(
    "code",
    [
        "MessageRejected",
        "MailFromDomainNotVerifiedException",
        "AccountSuspendedException",
        "BadRequestException",
        "NotFoundException",
    ],
)
def test_rejected_email_is_never_tried_again(code: str, job: JobContext) -> None:
    with pytest.raises(Fail, match=f"SES refused the email: {code}: no"):
        send(WELCOME, job, ses=FakeSes(code).client, sender="shop@example.com")


@pytest.mark.parametrize(
    "code",
    ["TooManyRequestsException", "LimitExceededException", "InternalFailure", "Throttling"],
)
def test_throttles_and_faults_of_ses_are_retried(code: str, job: JobContext) -> None:
    with pytest.raises(ClientError, match=code):
        send(WELCOME, job, ses=FakeSes(code).client, sender="shop@example.com")


def test_paused_sending_costs_no_attempt(job: JobContext) -> None:
    ses = FakeSes("SendingPausedException")

    with pytest.raises(Snooze) as snooze:
        send(WELCOME, job, ses=ses.client, sender="shop@example.com")

    assert snooze.value.delay == timedelta(minutes=15)


def stage(ses: FakeSes) -> InMemoryStage:
    """Emails go through the whole pipeline, and to ``ses``."""

    def perform(email: SendEmail, job: JobContext) -> EmailSent:
        return send(email, job, ses=ses.client, sender="shop@example.com")

    return InMemoryStage(worker(send_email)(perform))


def test_email_goes_out_once_sending_is_allowed_again() -> None:
    with stage(FakeSes(*["SendingPausedException"] * 4)) as jobs:
        status = jobs.run(send_email, WELCOME)

        assert (status.state, status.attempt) == (State.COMPLETED, 1)
        assert jobs.clock.now() - status.enqueued_at == timedelta(hours=1)


def test_rejected_email_is_a_dead_letter() -> None:
    with stage(FakeSes("MessageRejected")) as jobs:
        status = jobs.run(send_email, WELCOME)

        assert (status.state, status.failed_reason) == (State.FAILED, "rejected")
        assert [letter.job_id for letter in jobs.dead_letters(send_email)] == [status.id]


def test_email_that_a_crash_repeats_carries_the_same_tags() -> None:
    ses = FakeSes()

    with stage(ses) as jobs:
        jobs.assert_idempotent(
            send_email, WELCOME, observe=lambda: {str(email["EmailTags"]) for email in ses.sent}
        )

    assert len(ses.sent) == 2


@pytest.fixture
def verified_sender(aws: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("EMAIL_SENDER", "shop@example.com")
    boto3.client("sesv2").create_email_identity(EmailIdentity="shop@example.com")
    ses_client.cache_clear()
    yield
    ses_client().close()
    ses_client.cache_clear()


def test_handler_sends_through_the_account_with_the_sender_of_its_stage(
    verified_sender: None, job: JobContext
) -> None:
    result = perform(WELCOME, job)

    assert result.message_id


def test_one_client_serves_an_execution_environment(verified_sender: None) -> None:
    assert ses_client() is ses_client()


def test_client_leaves_retries_to_the_job(verified_sender: None) -> None:
    retries = cast("Any", ses_client().meta.config).retries

    assert retries["total_max_attempts"] == 1


@pytest.mark.parametrize("value", ["", "shop", "a@b.de, c@d.de", "shop@example.com\nBcc: x@y.de"])
def test_unusable_sender_names_the_setting(value: str) -> None:
    with pytest.raises(WorkerlessError, match=r"EMAIL_SENDER must be .*infra/settings\.py"):
        read_sender({"EMAIL_SENDER": value})
