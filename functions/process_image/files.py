"""The image files in the project's bucket."""

from contextlib import closing
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from workerless import Fail

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

MAX_BYTES = 25_000_000
# Without s3:ListBucket, S3 says AccessDenied of an object that is not there. The role does not have
# it: a job needs no view of its neighbours.
# https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html#API_GetObject_Errors
_MISSING = frozenset({"NoSuchKey", "AccessDenied"})
# In an archive, out of reach until somebody restores it.
_ARCHIVED = "InvalidObjectState"


def read(s3: "S3Client", bucket: str, key: str) -> bytes:
    """The file's bytes. Raises ``Fail`` when it is missing, archived or above ``MAX_BYTES``.

    Its size is known from the answer's head; a file too large is closed before it is read.
    """
    try:
        answer = s3.get_object(Bucket=bucket, Key=key)
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code in _MISSING:
            raise Fail(f"source must exist, got {key!r}, which is missing ({code})") from error
        if code == _ARCHIVED:
            raise Fail(f"source must be readable, got {key!r}, which is archived") from error
        raise
    with closing(answer["Body"]) as body:
        if answer["ContentLength"] > MAX_BYTES:
            raise Fail(
                f"source must be at most {MAX_BYTES} bytes, got {key!r} "
                f"of {answer['ContentLength']}"
            )
        return body.read()


def write(s3: "S3Client", bucket: str, key: str, data: bytes, *, content_type: str) -> None:
    """Create or replace the file: a second attempt writes the same bytes again."""
    s3.put_object(Bucket=bucket, Key=key, Body=data, ContentType=content_type)
