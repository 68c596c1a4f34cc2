"""Jobs on the local cloud, through the client and through plain SQS."""

import json
import time
from collections.abc import Callable
from datetime import timedelta
from statistics import median
from typing import Any

import boto3
import pytest

from workerless import State
from workerless.client import Client
from workerless.errors import JobNotFoundError
from workerless.job_type import JobType
from workerless.ports import Address

pytestmark = pytest.mark.local_cloud

type JobTypes = dict[str, JobType[Any, Any]]

DEEDS = {
    "return": (State.COMPLETED, None, 1),
    "raise": (State.FAILED, "attempts_exhausted", 2),
    "raise_once": (State.COMPLETED, None, 2),
    "discard": (State.DISCARDED, "not wanted", 1),
    "fail": (State.FAILED, "rejected", 1),
    "base_exception": (State.FAILED, "attempts_exhausted", 2),
    "system_exit": (State.FAILED, "attempts_exhausted", 2),
    "loop": (State.FAILED, "attempts_exhausted", 2),
    "recurse": (State.FAILED, "attempts_exhausted", 2),
    "wrong_result": (State.FAILED, "invalid_result", 1),
}


@pytest.fixture
def address(aws: None) -> Callable[[str], Address]:
    def find(name: str) -> Address:
        parameter = boto3.client("ssm").get_parameter(Name=f"/workerless/local/job-types/{name}")
        published = json.loads(parameter["Parameter"]["Value"])
        return Address(
            job_type=name,
            queue=published["queue"],
            dead_letters=published["dead_letters"],
            function=published["function"],
        )

    return find


def test_every_deed_ends_as_documented_and_harms_no_neighbour(
    client: Client, job_types: JobTypes
) -> None:
    act = job_types["act"]
    deeds = [*DEEDS, *["return"] * len(DEEDS)]
    jobs = client.enqueue_many(
        act, [act.payload(deed=deed, text=f"{number}") for number, deed in enumerate(deeds)]
    )

    ended = [job.wait(timedelta(seconds=90)) for job in jobs]

    found = [(one.state, one.failed_reason, one.attempt) for one in ended]
    assert dict(zip(deeds, found, strict=True)) == DEEDS
    assert found[len(DEEDS) :] == [DEEDS["return"]] * len(DEEDS)


def test_async_jobs_wait_together_and_misbehave_alone(client: Client, job_types: JobTypes) -> None:
    act = job_types["act_async"]
    payloads = [
        *[act.payload(seconds=1.0) for _ in range(7)],
        act.payload(deed="raise"),
        act.payload(deed="system_exit"),
        act.payload(deed="sleep_for_ever"),
    ]
    jobs = client.enqueue_many(act, payloads)

    ended = [job.wait(timedelta(seconds=60)) for job in jobs]

    assert [one.state for one in ended] == [State.COMPLETED] * 7 + [State.FAILED] * 3
    assert ended[-1].errors[-1].error_type == "SoftTimeout"
    spans: list[Any] = [one.result for one in ended[:7]]
    # Seven waits of a second each, in far less than seven seconds.
    assert max(span.ended for span in spans) - min(span.started for span in spans) < 5


def test_thousand_jobs_are_each_completed_once(
    client: Client, job_types: JobTypes, capsys: pytest.CaptureFixture[str]
) -> None:
    noop = job_types["noop"]
    began = time.monotonic()
    jobs = client.enqueue_many(noop, [noop.payload(number=number) for number in range(1000)])
    sent = time.monotonic()

    ended = [job.wait(timedelta(seconds=120)) for job in jobs]

    done = time.monotonic()
    with capsys.disabled():
        print(
            f" enqueued {1000 / (sent - began):.0f}/s, done {1000 / (done - began):.0f}/s ", end=""
        )
    assert {one.state for one in ended} == {State.COMPLETED}
    assert {one.attempt for one in ended} == {1}
    ids = {job.id for job in jobs}
    lines = [line for line in logged(noop.name) if line.get("message") == "job.completed"]
    completed = [str(line["job_id"]) for line in lines if line["job_id"] in ids]
    assert sorted(completed) == sorted(ids)


def test_lean_jobs_end_and_only_the_failed_one_is_listed(
    client: Client, job_types: JobTypes
) -> None:
    lean = job_types["lean"]
    payloads = [lean.payload(number=number, failures=number % 2) for number in range(20)]
    jobs = client.enqueue_many(lean, [*payloads, lean.payload(number=20, failures=2)])

    ended = [job.wait(timedelta(seconds=90)) for job in jobs]

    assert [(one.state, one.attempt) for one in ended[:20]] == [
        (State.COMPLETED, number % 2 + 1) for number in range(20)
    ]
    assert ended[20].failed_reason == "attempts_exhausted"
    listed = {state: client.list("lean", state).records for state in State}
    assert [job.job_id for job in listed.pop(State.FAILED)] == [jobs[20].id]
    assert set(listed.values()) == {()}


def test_untracked_jobs_end_and_leave_their_logs_and_letters_only(
    client: Client, job_types: JobTypes, address: Callable[[str], Address]
) -> None:
    untracked = job_types["untracked"]
    payloads = [untracked.payload(number=number, failures=number % 2) for number in range(20)]
    jobs = client.enqueue_many(untracked, payloads)
    failing = client.enqueue(untracked, untracked.payload(number=20, failures=2))

    (letter,) = dead_letters(address("untracked"), {failing.id})

    assert (reason_of(letter), attempts_of(letter)) == ("attempts_exhausted", "2")
    completed: set[str] = set()
    give_up_at = time.monotonic() + 60
    while completed != {job.id for job in jobs} and time.monotonic() < give_up_at:
        time.sleep(0.5)
        lines = logged("untracked")
        completed = {str(one["job_id"]) for one in lines if one.get("message") == "job.completed"}
    assert completed == {job.id for job in jobs}
    for job in (*jobs, failing):
        with pytest.raises(JobNotFoundError):
            client.job(job.id).status()


def logged(name: str) -> list[dict[str, Any]]:
    """The structured lines of a function, once the emulator has shown them all."""
    pages = boto3.client("logs").get_paginator("filter_log_events")
    events = [
        event["message"]
        for page in pages.paginate(logGroupName=f"/aws/lambda/workerless-local-{name}")
        for event in page["events"]
    ]
    return [json.loads(event) for event in events if event.startswith("{")]


def test_bare_message_of_plain_boto3_is_a_job(
    client: Client, address: Callable[[str], Address]
) -> None:
    answer = boto3.client("sqs").send_message(
        QueueUrl=address("act").queue, MessageBody='{"deed": "return", "text": "bare"}'
    )

    ended = wait_for(client, answer["MessageId"])
    assert (ended.state, ended.result) == (State.COMPLETED, {"text": "bare", "attempt": 1})


def wait_for(client: Client, job_id: str) -> Any:
    return client.job(job_id).wait(timedelta(seconds=60))


BAD_BODIES = {
    "not json": "not_json",
    '{"deed": "return", "text": "\\ud800"}': "not_unicode",
    "[1]": "not_an_object",
    '{"deed": ' + "[" * 2000 + "]" * 2000 + "}": "too_deep",
    '{"deed": "return", "text": "' + "x" * 300_000 + '"}': "too_large",
    '{"specversion": "9.9", "id": "a", "type": "act", "data": {}}': "unknown_envelope",
    '{"specversion": "1.0", "id": "", "type": "act", "data": {}}': "invalid_envelope",
    '{"specversion": "1.0", "id": "b", "type": "noop", "data": {"number": 1}}': "wrong_queue",
    '{"deed": "no such deed"}': "invalid_payload",
    '{"deed": "return", "text": 7}': "invalid_payload",
}


def test_bad_messages_end_in_the_dead_letter_queue_with_reason_and_body(
    client: Client, address: Callable[[str], Address]
) -> None:
    sqs, act = boto3.client("sqs"), address("act")
    sent = {}
    for body in BAD_BODIES:
        sent[sqs.send_message(QueueUrl=act.queue, MessageBody=body)["MessageId"]] = body

    letters = dead_letters(act, set(sent))

    assert {letter["Body"]: reason_of(letter) for letter in letters} == BAD_BODIES
    for message_id in sent:
        assert wait_for(client, message_id).state is State.FAILED


def reason_of(letter: Any) -> str:
    return str(letter["MessageAttributes"]["reason"]["StringValue"])


def attempts_of(letter: Any) -> str:
    return str(letter["MessageAttributes"]["attempts"]["StringValue"])


def dead_letters(address: Address, job_ids: set[str]) -> list[Any]:
    """The dead letters of these jobs; other tests' letters stay where they are."""
    sqs = boto3.client("sqs")
    found: dict[str, Any] = {}
    give_up_at = time.monotonic() + 60
    while len(found) < len(job_ids) and time.monotonic() < give_up_at:
        answer = sqs.receive_message(
            QueueUrl=address.dead_letters,
            MaxNumberOfMessages=10,
            WaitTimeSeconds=1,
            VisibilityTimeout=5,
            MessageAttributeNames=["All"],
        )
        for letter in answer.get("Messages", []):
            job_id = letter["MessageAttributes"]["job_id"]["StringValue"]
            if job_id in job_ids:
                found[job_id] = letter
                sqs.delete_message(
                    QueueUrl=address.dead_letters, ReceiptHandle=letter["ReceiptHandle"]
                )
    return list(found.values())


def test_failed_job_is_dead_lettered_with_its_error(
    client: Client, job_types: JobTypes, address: Callable[[str], Address]
) -> None:
    act = job_types["act"]
    job = client.enqueue(act, act.payload(deed="raise"), correlation_id="request-1")
    job.wait(timedelta(seconds=60))

    (letter,) = dead_letters(address("act"), {job.id})

    told = {name: value["StringValue"] for name, value in letter["MessageAttributes"].items()}
    assert told["reason"] == "attempts_exhausted"
    assert (told["error_type"], told["error_message"]) == ("RuntimeError", "as told")
    assert told["attempts"] == "2"
    assert json.loads(letter["Body"])["correlationid"] == "request-1"


def test_same_idempotency_key_is_one_job(client: Client, job_types: JobTypes) -> None:
    act = job_types["act"]
    payload = act.payload(deed="return", text="once")
    jobs = [client.enqueue(act, payload, idempotency_key="key-1") for _ in range(3)]

    ended = [job.wait(timedelta(seconds=60)) for job in jobs]

    assert len({job.id for job in jobs}) == 1
    assert [job.is_duplicate for job in jobs] == [False, True, True]
    assert {one.attempt for one in ended} == {1}


def test_step_that_was_done_is_not_repeated(client: Client, job_types: JobTypes) -> None:
    act = job_types["act"]

    ended = client.enqueue(act, act.payload(deed="step")).wait(timedelta(seconds=60))

    assert ended.result is not None
    assert (ended.result.text, ended.result.attempt) == ("done in attempt 1", 2)


def test_message_of_an_earlier_version_is_lifted(
    client: Client, address: Callable[[str], Address]
) -> None:
    event = {
        "specversion": "1.0",
        "id": "of-version-1",
        "source": "shop",
        "type": "act",
        "dataschema": "urn:workerless:act:1",
        "data": {"do": "return", "text": "old"},
    }
    boto3.client("sqs").send_message(QueueUrl=address("act").queue, MessageBody=json.dumps(event))

    assert wait_for(client, "of-version-1").result == {"text": "old", "attempt": 1}


def test_delays_are_exact_to_two_seconds(client: Client, job_types: JobTypes) -> None:
    noop = job_types["noop"]
    warm = client.enqueue_many(noop, [noop.payload(number=number) for number in range(100)])
    for job in warm:  # a cold start is no part of a delay
        job.wait(timedelta(seconds=90))
    delays = [timedelta(seconds=1 + number / 4) for number in range(24)]
    jobs = [
        client.enqueue(noop, noop.payload(number=number), delay=delay)
        for number, delay in enumerate(delays)
    ]

    ended = [job.wait(timedelta(seconds=60)) for job in jobs]

    late = [(one.started_at - one.run_at).total_seconds() for one in ended if one.started_at]
    assert len(late) == len(jobs)
    assert min(late) >= 0
    assert median(late) < 2  # a busy machine may be late for a few


def test_delayed_job_waits_and_cancelled_job_never_runs(
    client: Client, job_types: JobTypes
) -> None:
    act = job_types["act"]
    delayed = client.enqueue(act, act.payload(deed="return"), delay=timedelta(seconds=3))
    cancelled = client.enqueue(act, act.payload(deed="raise"), delay=timedelta(seconds=2))
    assert delayed.status().state is State.SCHEDULED

    cancelled.cancel("changed our mind")
    ended = delayed.wait(timedelta(seconds=60))

    assert ended.started_at is not None
    assert ended.started_at - ended.enqueued_at >= timedelta(seconds=3)
    assert cancelled.status().state is State.CANCELLED
    assert (cancelled.status().attempt, cancelled.status().failed_reason) == (
        0,
        "changed our mind",
    )
