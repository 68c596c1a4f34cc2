"""cleanup_expired: what outlived its job goes, on moto's S3 and DynamoDB; all else stays."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from functions.cleanup_expired.handler import aws_clients, handler, perform
from functions.cleanup_expired.job import PREFIXES, CleanupExpired, Kind, cleanup_expired
from tests.functions.cleaning import BUCKET, DAY, DIGEST, START, Stage, a_stage
from workerless import naming
from workerless.data_ref import error_key, payload_key, result_key
from workerless.execution.context import JobContext
from workerless.states import State
from workerless.testing.schedules import assert_schedules
from workerless.testing.stage import InMemoryStage

EVENTS = Path(__file__).parents[2] / "events"


@pytest.fixture
def stage(aws: None) -> Iterator[Stage]:
    with a_stage() as stage:
        yield stage


def test_files_of_jobs_without_a_record_go_once_nobody_needs_them(stage: Stage) -> None:
    keys = [
        payload_key("note", "job-1", DIGEST),
        result_key("note", "job-1", "token"),
        error_key("note", "job-1", 1, "token"),
        naming.archived_letter("note", "2026-11-22", "message-1"),
    ]
    for key in keys:
        stage.blobs.put(key, b"12345", keep=5 * DAY)

    stage.clock.advance(5 * DAY)
    too_early = stage.removed()
    stage.clock.advance(DAY + timedelta(hours=1))
    told = stage.clean().kinds

    assert too_early == {}
    assert stage.keys() == []
    assert {kind: (one.removed, one.size_bytes) for kind, one in told.items()} == {
        Kind.PAYLOADS: (1, 5),
        Kind.RESULTS: (1, 5),
        Kind.ERRORS: (1, 5),
        Kind.ARCHIVES: (1, 5),
        Kind.LOCKS: (0, 0),
    }


def test_files_of_a_job_with_a_record_stay_however_old(stage: Stage) -> None:
    for job_id in ("pending", "done", "over"):
        stage.blobs.put(payload_key("note", job_id, DIGEST), b"{}", keep=DAY)
    stage.record("pending")
    end = stage.clock.now() + 90 * DAY
    stage.record("done", state=State.COMPLETED, expires_at=end)
    stage.record("over", state=State.COMPLETED, expires_at=stage.clock.now() + 10 * DAY)
    stage.clock.advance(80 * DAY)

    assert stage.removed() == {"payloads": 1}
    assert stage.keys() == [payload_key("note", job_id, DIGEST) for job_id in ("done", "pending")]


def test_file_that_is_kept_longer_stays_until_then(stage: Stage) -> None:
    key = payload_key("note", "job-1", DIGEST)
    stage.blobs.put(key, b"{}", keep=DAY)
    stage.clock.advance(20 * DAY)
    stage.blobs.extend(key, keep=20 * DAY)

    stage.clock.advance(19 * DAY)
    before = stage.removed()
    stage.clock.advance(3 * DAY)

    assert (before, stage.removed()) == ({}, {"payloads": 1})


def test_what_others_keep_in_the_bucket_is_theirs(stage: Stage) -> None:
    others = ["images/a.jpg", "payloads/note/own/way/too/deep.json", "payloads/note/flat.json"]
    for key in others:
        stage.blobs.put(key, b"{}", keep=DAY)
    untagged = payload_key("note", "job-1", DIGEST)
    strange = payload_key("note", "job-2", DIGEST)
    aws_clients().s3.put_object(Bucket=BUCKET, Key=untagged, Tagging="keep=2")
    aws_clients().s3.put_object(Bucket=BUCKET, Key=strange, Tagging="free=soon")
    stage.clock.advance(400 * DAY)

    assert stage.removed() == {}
    assert stage.keys() == sorted([*others, untagged, strange])


def test_file_that_goes_while_it_is_looked_at_is_nobodys_concern(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.files(1)
    stage.clock.advance(9 * DAY)
    s3 = aws_clients().s3
    listed = s3.list_objects_v2

    def listed_and_then_gone(**asked: Any) -> Any:
        told = listed(**asked)
        for one in told.get("Contents", []):
            s3.delete_object(Bucket=BUCKET, Key=one["Key"])
        return told

    monkeypatch.setattr(s3, "list_objects_v2", listed_and_then_gone)

    assert stage.removed() == {}


def test_bucket_that_does_not_answer_fails_the_attempt(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.files(1)
    stage.clock.advance(9 * DAY)
    denied = ClientError({"Error": {"Code": "AccessDenied"}}, "GetObjectTagging")

    def deny(**_: Any) -> None:
        raise denied

    monkeypatch.setattr(aws_clients().s3, "get_object_tagging", deny)

    with pytest.raises(ClientError, match="AccessDenied"):
        stage.clean()


def test_dry_run_counts_and_leaves_all_as_it_was(stage: Stage) -> None:
    stage.files(150)
    stage.clock.advance(9 * DAY)

    first = stage.clean(dry_run=True, limit=100)
    second = stage.clean(dry_run=True, limit=100)

    assert first == second
    assert (first.dry_run, first.kinds[Kind.PAYLOADS].removed) == (True, 100)
    assert len(stage.keys()) == 150


def test_next_run_goes_on_where_one_ended_and_begins_anew_after_the_last(stage: Stage) -> None:
    stage.files(250, keep=90 * DAY)
    stage.clock.advance(9 * DAY)

    told = [stage.clean(limit=100).kinds[Kind.PAYLOADS] for _ in range(4)]

    assert [(one.seen, one.is_through) for one in told] == [
        (100, False),
        (100, False),
        (50, True),
        (100, False),
    ]


def test_run_short_of_time_leaves_the_rest_to_the_next(stage: Stage) -> None:
    stage.files(3)
    stage.clock.advance(9 * DAY)

    told = stage.clean(has_time=False).kinds

    assert {(one.seen, one.is_through) for one in told.values()} == {(0, False)}
    assert stage.removed() == {"payloads": 3}


def test_only_the_kinds_asked_for_are_looked_through(stage: Stage) -> None:
    stage.files(3)
    stage.clock.advance(9 * DAY)

    told = stage.clean(kinds=("results", "locks", "results"))

    assert list(told.kinds) == [Kind.RESULTS, Kind.LOCKS]
    assert len(stage.keys()) == 3


def test_prefixes_are_those_under_which_files_are_written() -> None:
    written = {
        Kind.PAYLOADS: payload_key("a", "b", DIGEST),
        Kind.RESULTS: result_key("a", "b", "c"),
        Kind.ERRORS: error_key("a", "b", 1, "c"),
        Kind.ARCHIVES: naming.archived_letter("a", "2026-11-22", "c"),
    }

    assert {kind: written[kind].startswith(prefix) for kind, prefix in PREFIXES.items()} == (
        dict.fromkeys(written, True)
    )


def test_it_runs_each_hour() -> None:
    hour = timedelta(hours=1)
    assert_schedules(cleanup_expired, "hourly", after=START, ticks=[START + hour, START + 2 * hour])


@pytest.mark.usefixtures("stage")
@pytest.mark.parametrize(
    ("event", "reason"),
    [
        ("cleanup_expired_bare.json", None),
        ("cleanup_expired_cloudevent.json", None),
        ("cleanup_expired_invalid.json", "invalid_payload"),
    ],
)
def test_event_ends_as_it_should(
    worker_environment: Callable[..., None], jobs: InMemoryStage, event: str, reason: str | None
) -> None:
    worker_environment()
    [record] = json.loads((EVENTS / event).read_text(encoding="utf-8"))["Records"]
    jobs.use(handler)

    status = jobs.run_message(cleanup_expired, record["body"])

    assert status.failed_reason == reason
    assert status.state is (State.FAILED if reason else State.COMPLETED)


@pytest.mark.usefixtures("stage")
def test_handler_works_in_its_own_stage(
    job: JobContext, told: list[tuple[float, str | None]], worker_environment: Callable[..., None]
) -> None:
    worker_environment()

    result = perform(CleanupExpired(), job)

    assert list(result.kinds) == list(Kind)
    assert told == [
        (20, "payloads"),
        (40, "results"),
        (60, "errors"),
        (80, "archives"),
        (100, "locks"),
    ]
