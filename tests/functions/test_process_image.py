"""process_image: from one key of the bucket to another."""

from collections.abc import Callable, Iterator
from io import BytesIO
from typing import TYPE_CHECKING, Any, cast

import pytest
from botocore.exceptions import ClientError
from PIL import Image

from functions.process_image import files
from functions.process_image.handler import perform, process, s3_client
from functions.process_image.job import Operation, ProcessImage, Resize, process_image
from workerless import Fail, State
from workerless.execution.context import JobContext
from workerless.testing.stage import InMemoryStage

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

BUCKET = "workerless-test-123456789012-eu-central-1"
SOURCE, TARGET = "images/originals/harbour.jpg", "images/small/harbour.webp"
ALL_OPERATIONS: list[dict[str, Any]] = [
    {"kind": "crop", "left": 20, "top": 10, "width": 160, "height": 80},
    {"kind": "resize", "width": 40, "height": 40},
    {"kind": "compress", "format": "webp", "quality": 60},
]


def order(*operations: dict[str, Any] | Operation) -> ProcessImage:
    return ProcessImage.model_validate(
        {"source": SOURCE, "target": TARGET, "operations": list(operations)}
    )


def jpeg(width: int = 200, height: int = 100) -> bytes:
    file = BytesIO()
    Image.new("RGB", (width, height), "teal").save(file, "JPEG")
    return file.getvalue()


@pytest.fixture
def s3(aws: None) -> Iterator["S3Client"]:
    s3_client.cache_clear()
    client = s3_client()
    client.create_bucket(
        Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
    )
    yield client
    client.close()
    s3_client.cache_clear()


class RefusingS3:
    """Answers every request with one error."""

    def __init__(self, code: str) -> None:
        self._error = ClientError({"Error": {"Code": code, "Message": "no"}}, "GetObject")

    def get_object(self, **request: str) -> None:
        raise self._error

    @property
    def client(self) -> "S3Client":
        return cast("S3Client", self)


def test_image_is_written_to_its_target_after_every_operation(
    s3: "S3Client", job: JobContext
) -> None:
    s3.put_object(Bucket=BUCKET, Key=SOURCE, Body=jpeg())

    result = process(order(*ALL_OPERATIONS), job, s3=s3, bucket=BUCKET)

    written = s3.get_object(Bucket=BUCKET, Key=TARGET)
    data = written["Body"].read()
    with Image.open(BytesIO(data)) as image:
        assert (image.format, image.size) == ("WEBP", (40, 20))
    assert written["ContentType"] == "image/webp"
    assert (result.target, result.format) == (TARGET, "webp")
    assert (result.width, result.height) == (40, 20)
    assert (result.bytes_before, result.bytes_after) == (len(jpeg()), len(data))


def test_every_operation_is_told_as_progress(
    s3: "S3Client", job: JobContext, told: list[tuple[float, str | None]]
) -> None:
    s3.put_object(Bucket=BUCKET, Key=SOURCE, Body=jpeg())

    process(order(*ALL_OPERATIONS), job, s3=s3, bucket=BUCKET)

    assert told == [(25, "crop"), (50, "resize"), (75, "compress"), (100, "written")]


def test_second_attempt_writes_the_same_file(s3: "S3Client", job: JobContext) -> None:
    s3.put_object(Bucket=BUCKET, Key=SOURCE, Body=jpeg())

    first = process(order(*ALL_OPERATIONS), job, s3=s3, bucket=BUCKET)

    assert process(order(*ALL_OPERATIONS), job, s3=s3, bucket=BUCKET) == first


def test_handler_works_in_the_bucket_of_its_environment(
    s3: "S3Client", job: JobContext, worker_environment: Callable[..., None]
) -> None:
    worker_environment(WORKERLESS_BUCKET=BUCKET)
    s3.put_object(Bucket=BUCKET, Key=SOURCE, Body=jpeg())

    result = perform(order(Resize(width=10, height=10)), job)

    assert (result.width, result.height, result.format) == (10, 5, "jpeg")


def test_image_may_be_processed_twice(
    s3: "S3Client", worker_environment: Callable[..., None], jobs: InMemoryStage
) -> None:
    worker_environment(WORKERLESS_BUCKET=BUCKET)
    s3.put_object(Bucket=BUCKET, Key=SOURCE, Body=jpeg())

    def files_there() -> dict[str, bytes]:
        # Time passes until the second run, in which the report of this checkout counts its hours.
        found = s3.list_objects_v2(Bucket=BUCKET, Prefix="images/")
        keys = [file["Key"] for file in found["Contents"]]
        return {key: s3.get_object(Bucket=BUCKET, Key=key)["Body"].read() for key in keys}

    jobs.assert_idempotent(process_image, order(*ALL_OPERATIONS), observe=files_there)


def test_image_that_comes_late_is_not_waited_for(
    s3: "S3Client", worker_environment: Callable[..., None], jobs: InMemoryStage
) -> None:
    worker_environment(WORKERLESS_BUCKET=BUCKET)

    status = jobs.run(process_image, order(*ALL_OPERATIONS))

    assert (status.state, status.attempt, status.failed_reason) == (State.FAILED, 1, "rejected")


def test_missing_image_fails_for_good(s3: "S3Client", job: JobContext) -> None:
    with pytest.raises(Fail, match=r"source must exist, got 'images/.*missing \(NoSuchKey\)"):
        process(order(*ALL_OPERATIONS), job, s3=s3, bucket=BUCKET)


def test_file_that_is_no_image_fails_for_good_and_names_its_key(
    s3: "S3Client", job: JobContext
) -> None:
    s3.put_object(Bucket=BUCKET, Key=SOURCE, Body=b"%PDF-1.7")

    with pytest.raises(Fail, match=r"'images/originals/harbour\.jpg': not an image"):
        process(order(*ALL_OPERATIONS), job, s3=s3, bucket=BUCKET)


def test_crop_beyond_the_image_fails_for_good(s3: "S3Client", job: JobContext) -> None:
    s3.put_object(Bucket=BUCKET, Key=SOURCE, Body=jpeg(10, 10))

    with pytest.raises(Fail, match="crop must lie in the image's 10 x 10 pixels"):
        process(order(*ALL_OPERATIONS), job, s3=s3, bucket=BUCKET)


def test_large_file_is_refused_by_its_size_before_it_is_read(job: JobContext) -> None:
    class Unread:
        closed = False

        def read(self) -> bytes:
            raise AssertionError("a file too large must not be read")

        def close(self) -> None:
            self.closed = True

    class Store:
        body = Unread()

        def get_object(self, **request: str) -> dict[str, Any]:
            return {"Body": self.body, "ContentLength": files.MAX_BYTES + 1}

    with pytest.raises(Fail, match=r"at most 25000000 bytes, got .* of 25000001"):
        process(order(*ALL_OPERATIONS), job, s3=cast("S3Client", Store()), bucket=BUCKET)

    assert Store.body.closed


@pytest.mark.parametrize(
    ("code", "reason"),
    [("AccessDenied", "is missing"), ("InvalidObjectState", "is archived")],
)
def test_file_out_of_reach_fails_for_good(code: str, reason: str, job: JobContext) -> None:
    with pytest.raises(Fail, match=reason):
        process(order(*ALL_OPERATIONS), job, s3=RefusingS3(code).client, bucket=BUCKET)


@pytest.mark.parametrize("code", ["SlowDown", "InternalError", "NoSuchBucket"])
def test_trouble_of_s3_is_retried(code: str, job: JobContext) -> None:
    with pytest.raises(ClientError, match=code):
        process(order(*ALL_OPERATIONS), job, s3=RefusingS3(code).client, bucket=BUCKET)
