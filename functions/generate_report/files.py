"""The files below ``reports/`` in the project's bucket: reports, and the counts they are made of.

Each has the tag that a rule of the bucket goes by, so all of them go by themselves.
"""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import quote

from botocore.exceptions import ClientError

from functions.generate_report.tally import Hour
from workerless.lifetime import KEEP_TAG, days_for

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

# Longer than 90 days is 400 with the bucket's rules; counts are read for a month, and kept 45 days.
KEPT = timedelta(days=91)
COUNTS_KEPT = timedelta(days=32)
# Without s3:ListBucket, which the role does not have, S3 says AccessDenied of what is not there.
# https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html#API_GetObject_Errors
_MISSING = frozenset({"NoSuchKey", "AccessDenied"})
_AT_ONCE = 10
_CONSOLES = {"cn-": "console.amazonaws.cn", "us-gov-": "console.amazonaws-us-gov.com"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """Those of one stage. Writing one again replaces it: a second attempt changes nothing."""

    s3: "S3Client"
    bucket: str

    def counts(self, hours: Iterable[datetime]) -> dict[datetime, Hour]:
        """Those of ``hours`` that were counted, by when they began."""
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            found = pool.map(self._count_of, hours)
            return {hour.start: hour for hour in found if hour is not None}

    def write_count(self, hour: Hour) -> None:
        data = hour.model_dump_json().encode()
        self._put(_count_key(hour.start), data, kind="application/json", keep=COUNTS_KEPT)

    def write_report(self, day: date, name: str, data: bytes, *, kind: str) -> str:
        """The key of the file that is there now."""
        key = f"{folder(day)}{name}"
        self._put(key, data, kind=kind, keep=KEPT)
        return key

    def _put(self, key: str, data: bytes, *, kind: str, keep: timedelta) -> None:
        tag = f"{KEEP_TAG}={days_for(keep)}"
        self.s3.put_object(Bucket=self.bucket, Key=key, Body=data, ContentType=kind, Tagging=tag)

    def _count_of(self, start: datetime) -> Hour | None:
        try:
            answer = self.s3.get_object(Bucket=self.bucket, Key=_count_key(start))
        except ClientError as error:
            if error.response["Error"]["Code"] in _MISSING:
                return None
            raise
        with answer["Body"] as body:
            return Hour.model_validate_json(body.read())


def folder(day: date) -> str:
    """Where the files of a day's report lie."""
    return f"reports/{day}/"


def console_link(bucket: str, day: date, *, region: str) -> str:
    """Where people who may sign in to the account find that folder.

    A presigned link would open for whoever has the email, and not for longer than the credentials
    of the worker that signed it: some hours.
    """
    consoles = (host for start, host in _CONSOLES.items() if region.startswith(start))
    host = next(consoles, "console.aws.amazon.com")
    prefix = quote(folder(day), safe="")
    return f"https://{region}.{host}/s3/buckets/{bucket}?region={region}&prefix={prefix}"


def _count_key(start: datetime) -> str:
    return f"reports/hours/{start:%Y-%m-%dT%H%MZ}.json"
