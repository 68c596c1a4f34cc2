"""S3 itself: tags that lifecycle rules go by, lazy clients, and answers that are none."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError
from botocore.response import StreamingBody

from tests.contract.conftest import Cloud, create_bucket
from workerless.aws.s3 import S3Blobs
from workerless.errors import BlobNotFoundError, BlobsUnavailableError, WorkerlessError
from workerless.lifetime import KEEP_DAYS, days_for
from workerless.testing.memory import FakeClock

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

DAY = timedelta(days=1)
KEY = "payloads/a/1.json"


@pytest.fixture
def client(cloud: Cloud) -> "S3Client":
    return cloud.s3


@pytest.fixture
def bucket(client: "S3Client") -> str:
    return create_bucket(client)


@pytest.fixture
def s3_clock() -> FakeClock:
    """S3 says itself when a file was written."""
    return FakeClock(datetime.now(UTC))


@pytest.fixture
def blobs(client: "S3Client", bucket: str, s3_clock: FakeClock) -> S3Blobs:
    return S3Blobs(lambda: client, lambda: bucket, s3_clock)


@pytest.fixture
def answer(client: "S3Client") -> Iterator[Callable[..., None]]:
    """Has a call answered otherwise for the length of a test."""
    registered: list[tuple[str, Callable[..., Any]]] = []

    def register(call: str, change: Callable[[dict[str, Any]], None]) -> None:
        def listener(parsed: dict[str, Any], **_: object) -> None:
            change(parsed)

        client.meta.events.register_first(f"after-call.s3.{call}", listener)
        registered.append((f"after-call.s3.{call}", listener))

    yield register
    for event, listener in registered:
        client.meta.events.unregister(event, listener)


def deny(parsed: dict[str, Any]) -> None:
    if "Body" in parsed:
        parsed["Body"].close()
    raise ClientError({"Error": {"Code": "AccessDenied"}}, "GetObject")


def kept_days(client: "S3Client", bucket: str) -> str:
    return tags(client, bucket)["keep"]


def tags(client: "S3Client", bucket: str) -> dict[str, str]:
    told = client.get_object_tagging(Bucket=bucket, Key=KEY)["TagSet"]
    return {tag["Key"]: tag["Value"] for tag in told}


@pytest.mark.parametrize(
    ("keep", "days"),
    [
        (timedelta(0), 2),
        (2 * DAY, 2),
        (2 * DAY + timedelta(seconds=1), 45),
        (37 * DAY, 45),
        (365 * DAY, 400),
        (3_687 * DAY, 4_000),
        (7_330 * DAY, 8_000),
        (20_000 * DAY, 8_000),
    ],
)
def test_file_has_the_shortest_class_that_covers_its_time(
    blobs: S3Blobs, client: "S3Client", bucket: str, keep: timedelta, days: int
) -> None:
    blobs.put(KEY, b"{}", keep=keep)

    assert kept_days(client, bucket) == str(days)


def test_file_written_again_is_replaced_and_never_goes_earlier(
    blobs: S3Blobs, client: "S3Client", bucket: str
) -> None:
    blobs.put(KEY, b"old", keep=300 * DAY)

    blobs.put(KEY, b"new", keep=DAY)

    assert blobs.get(KEY, limit_bytes=9) == b"new"
    assert kept_days(client, bucket) == "400"


def test_time_is_extended_from_when_the_file_was_written(
    blobs: S3Blobs, client: "S3Client", bucket: str, s3_clock: FakeClock
) -> None:
    blobs.put(KEY, b"{}", keep=30 * DAY)
    s3_clock.advance(10 * DAY)

    blobs.extend(KEY, keep=30 * DAY)
    as_it_was = kept_days(client, bucket)
    blobs.extend(KEY, keep=36 * DAY)
    longer = kept_days(client, bucket)
    blobs.extend(KEY, keep=DAY)

    assert (as_it_was, longer, kept_days(client, bucket)) == ("45", "400", "400")


def test_file_says_the_first_day_on_which_nobody_needs_it(
    blobs: S3Blobs, client: "S3Client", bucket: str, s3_clock: FakeClock
) -> None:
    def free() -> date:
        return date.fromisoformat(tags(client, bucket)["free"])

    today = s3_clock.now().date()
    blobs.put(KEY, b"{}", keep=30 * DAY)
    at_first = free()
    s3_clock.advance(DAY)
    blobs.put(KEY, b"{}", keep=3 * DAY)
    blobs.extend(KEY, keep=DAY)
    as_it_was = free()
    blobs.extend(KEY, keep=60 * DAY)

    assert at_first == as_it_was == today + 31 * DAY
    assert tags(client, bucket) == {"keep": "400", "free": str(today + 62 * DAY)}


def test_file_without_a_day_keeps_that_of_its_class_and_its_other_tags(
    blobs: S3Blobs, client: "S3Client", bucket: str, s3_clock: FakeClock
) -> None:
    client.put_object(Bucket=bucket, Key=KEY, Body=b"{}", Tagging="keep=45&team=shop")
    today = s3_clock.now().date()

    blobs.extend(KEY, keep=50 * DAY)
    longer = tags(client, bucket)
    client.put_object(Bucket=bucket, Key=KEY, Body=b"{}", Tagging="keep=400&team=shop")
    blobs.extend(KEY, keep=50 * DAY)

    assert longer == {"keep": "400", "free": str(today + 51 * DAY), "team": "shop"}
    assert tags(client, bucket) == {"keep": "400", "team": "shop"}


def test_neither_client_nor_bucket_is_asked_for_before_the_first_file(s3_clock: FakeClock) -> None:
    def fail() -> Any:
        raise WorkerlessError("asked for")

    blobs = S3Blobs(fail, fail, s3_clock)

    with pytest.raises(WorkerlessError, match="asked for"):
        blobs.put(KEY, b"", keep=DAY)


def test_file_cut_on_its_way_is_no_answer(blobs: S3Blobs, answer: Callable[..., None]) -> None:
    blobs.put(KEY, b"0123456789", keep=DAY)

    def cut(parsed: dict[str, Any]) -> None:
        parsed["Body"].close()
        parsed["Body"] = StreamingBody(BytesIO(b"01234"), 10)

    answer("GetObject", cut)

    with pytest.raises(BlobsUnavailableError, match=r"was cut after 5 of 10 bytes"):
        blobs.get(KEY, limit_bytes=100)


def test_key_in_a_bucket_that_is_not_there_is_no_missing_file(
    client: "S3Client", s3_clock: FakeClock
) -> None:
    blobs = S3Blobs(lambda: client, lambda: "workerless-nowhere", s3_clock)

    with pytest.raises(BlobsUnavailableError, match="NoSuchBucket"):
        blobs.get(KEY, limit_bytes=1)


@pytest.mark.parametrize("is_there", [True, False])
def test_denied_key_is_missing_only_where_the_list_says_so(
    blobs: S3Blobs, answer: Callable[..., None], *, is_there: bool
) -> None:
    """S3 denies what is not there to who may not list the whole bucket."""
    blobs.put(KEY if is_there else f"{KEY}.other", b"{}", keep=DAY)

    answer("GetObject", deny)

    with pytest.raises(BlobsUnavailableError if is_there else BlobNotFoundError):
        blobs.get(KEY, limit_bytes=1)


def test_denied_key_that_cannot_be_listed_either_is_no_answer(
    blobs: S3Blobs, answer: Callable[..., None]
) -> None:
    for call in ("GetObject", "ListObjectsV2"):
        answer(call, deny)

    with pytest.raises(BlobsUnavailableError, match="AccessDenied"):
        blobs.get(KEY, limit_bytes=1)


@pytest.mark.parametrize("call", ["PutObject", "GetObject", "GetObjectTagging", "HeadObject"])
def test_whatever_is_no_answer_is_one_kind_of_error(
    blobs: S3Blobs, answer: Callable[..., None], call: str
) -> None:
    if call != "PutObject":
        blobs.put(KEY, b"{}", keep=DAY)

    def garble(parsed: dict[str, Any]) -> None:
        if "Body" in parsed:
            parsed["Body"].close()
        b"\xff".decode()

    answer(call, garble)

    ask: Callable[[], object] = {
        "PutObject": lambda: blobs.put(KEY, b"", keep=DAY),
        "GetObject": lambda: blobs.get(KEY, limit_bytes=1),
    }.get(call, lambda: blobs.extend(KEY, keep=DAY))
    with pytest.raises(BlobsUnavailableError, match="UnicodeDecodeError"):
        ask()


def test_file_that_somebody_else_is_just_writing_is_written(
    blobs: S3Blobs, client: "S3Client", bucket: str, answer: Callable[..., None]
) -> None:
    conflicts = [ClientError({"Error": {"Code": "ConditionalRequestConflict"}}, "PutObject")]

    def conflict(_: object) -> None:
        if conflicts:
            client.delete_object(Bucket=bucket, Key=KEY)
            raise conflicts.pop()

    answer("PutObject", conflict)

    blobs.put(KEY, b"ours", keep=DAY)

    assert blobs.get(KEY, limit_bytes=9) == b"ours"


def test_classes_rise_and_every_keep_within_the_longest_is_covered() -> None:
    assert list(KEEP_DAYS) == sorted(set(KEEP_DAYS))
    for days in range(1, KEEP_DAYS[-1], 7):
        assert days_for(days * DAY) >= days
