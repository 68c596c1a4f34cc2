"""The bucket as S3 answers who may list it below some prefixes only; no emulator does."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from functions.cleanup_expired.bucket import Bucket

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

KEY = "payloads/note/job-1/0.json"
FOUND = {"Key": KEY, "Size": 1, "LastModified": datetime(2026, 1, 1, tzinfo=UTC)}


@pytest.fixture
def s3(aws: None) -> "Iterator[S3Client]":
    client = boto3.client("s3")
    yield client
    client.close()


@pytest.mark.parametrize("found", [[], [{**FOUND, "Key": f"{KEY}.later"}]])
def test_file_that_went_meanwhile_is_denied_and_says_no_day(
    s3: "S3Client", found: list[dict[str, Any]]
) -> None:
    with Stubber(s3) as answers:
        answers.add_client_error("get_object_tagging", "AccessDenied", http_status_code=403)
        answers.add_response("list_objects_v2", {"Contents": found})

        assert Bucket(s3, "files").free_on(KEY) is None


def test_file_that_is_there_and_denied_is_a_right_that_is_missing(s3: "S3Client") -> None:
    with Stubber(s3) as answers:
        answers.add_client_error("get_object_tagging", "AccessDenied", http_status_code=403)
        answers.add_response("list_objects_v2", {"Contents": [FOUND]})

        with pytest.raises(ClientError, match="AccessDenied"):
            Bucket(s3, "files").free_on(KEY)
