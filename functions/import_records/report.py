"""The report of an import: a line of CSV for each thing that is wrong with a row.

One file, written anew with each piece that adds to it: S3 has no append. What an attempt wrote that
came no further is cut off by the next.
"""

import csv
from collections.abc import Iterable
from contextlib import closing
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from io import StringIO
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from functions.import_records.row import Problem
from workerless.lifetime import KEEP_TAG, days_for

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

# Nobody reads more: it is one mistake then, made ten thousand times. So the file stays below 1 MB.
MOST_PROBLEMS = 10_000
KEPT = timedelta(days=32)
_COLUMNS = ("row", "column", "problem")
_MISSING = frozenset({"NoSuchKey", "AccessDenied"})


@dataclass(slots=True, kw_only=True)
class Report:
    """That of one import. ``before`` is the last row of what was kept of it."""

    s3: "S3Client"
    bucket: str
    key: str
    before: int
    _problems: list[Problem] | None = field(default=None, init=False)

    def add(self, problems: Iterable[Problem]) -> None:
        """Tell of these, too, unless there are too many; written when this returns."""
        told = list(problems)
        if not told:
            return
        if self._problems is None:
            self._problems = self._kept() if self.before else []
        room = MOST_PROBLEMS - len(self._problems)
        if room > 0:
            self._problems += told[:room]
            self._write(self._problems)

    def _kept(self) -> list[Problem]:
        """What earlier attempts told of the rows up to ``before``."""
        try:
            answer = self.s3.get_object(Bucket=self.bucket, Key=self.key)
        except ClientError as error:
            if error.response["Error"]["Code"] in _MISSING:
                return []
            raise
        with closing(answer["Body"]) as body:
            lines = csv.DictReader(StringIO(body.read().decode(), newline=""))
            read = [
                Problem(row=int(line["row"]), column=line["column"], problem=line["problem"])
                for line in lines
            ]
        return [problem for problem in read if problem.row <= self.before]

    def _write(self, problems: Iterable[Problem]) -> None:
        file = StringIO(newline="")
        writer = csv.DictWriter(file, _COLUMNS)
        writer.writeheader()
        writer.writerows(asdict(problem) for problem in problems)
        self.s3.put_object(
            Bucket=self.bucket,
            Key=self.key,
            Body=file.getvalue().encode(),
            ContentType="text/csv; charset=utf-8",
            Tagging=f"{KEEP_TAG}={days_for(KEPT)}",
        )


def report_key(job_id: str) -> str:
    """Where the report of a job lies."""
    return f"imports/reports/{job_id}.csv"
