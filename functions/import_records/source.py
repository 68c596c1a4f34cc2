"""The file that is imported, read in ranges: never more of it in memory than two of them."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from workerless import Fail

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

RANGE_BYTES = 4_194_304
# No row of ours is nearly as long: this is no CSV, or its lines end with neither LF nor CRLF.
MAX_LINE_BYTES = 1_048_576
# Without s3:ListBucket, which the role does not have, S3 says 403 of an object that is not there.
# https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html#API_HeadObject_Errors
_MISSING = frozenset({"NoSuchKey", "AccessDenied", "404", "403"})
_CHANGED = "PreconditionFailed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One version of a file: ``etag`` tells it from whatever is uploaded later."""

    s3: "S3Client"
    bucket: str
    key: str
    etag: str
    size: int

    def lines(self, offset: int, *, range_bytes: int = RANGE_BYTES) -> Iterator[bytes]:
        """Its lines from ``offset`` on, each with its end. Raises ``Fail`` for one without an end.

        The last one may have none.
        """
        rest = b""
        for start in range(offset, self.size, range_bytes):
            *lines, rest = (rest + self._range(start, range_bytes)).split(b"\n")
            yield from (line + b"\n" for line in lines)
            if len(rest) > MAX_LINE_BYTES:
                raise Fail(
                    f"{self.key!r} must be lines of text, got one above {MAX_LINE_BYTES} bytes"
                )
        if rest:
            yield rest

    def _range(self, start: int, length: int) -> bytes:
        try:
            answer = self.s3.get_object(
                Bucket=self.bucket,
                Key=self.key,
                Range=f"bytes={start}-{start + length - 1}",
                IfMatch=self.etag,
            )
        except ClientError as error:
            raise _explained(error, self.key) from error
        with closing(answer["Body"]) as body:
            return body.read()


def opened(s3: "S3Client", bucket: str, key: str, *, etag: str | None) -> Source:
    """The file, as it is now. Raises ``Fail`` where it is missing, or has another ``etag``."""
    try:
        head = s3.head_object(Bucket=bucket, Key=key)
    except ClientError as error:
        raise _explained(error, key) from error
    if etag is not None and head["ETag"] != etag:
        raise _changed(key)
    return Source(s3=s3, bucket=bucket, key=key, etag=head["ETag"], size=head["ContentLength"])


def _explained(error: ClientError, key: str) -> Exception:
    code = error.response["Error"]["Code"]
    if code == _CHANGED:
        return _changed(key)
    if code in _MISSING:
        return Fail(f"source must exist, got {key!r}, which is missing ({code})")
    return error


def _changed(key: str) -> Fail:
    return Fail(f"source must stay as it is until it is imported, got {key!r}, which has changed")
