"""What the job type ``save_records`` is: some records of a file, written where they are kept."""

from datetime import timedelta
from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from workerless import Allow, Exponential, JobType, Payload, Result

# So many of the longest records there can be still fit into a message.
MOST_RECORDS = 200

_Email = Annotated[
    str, StringConstraints(max_length=254, pattern=r"^[^@\s]+@[^@\s.]+(?:\.[^@\s.]+)+$")
]


class Customer(BaseModel):
    """One record: a row of a file, its columns as they are named here."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    email: _Email
    name: Annotated[str, StringConstraints(min_length=1, max_length=100, strip_whitespace=True)]
    country: Annotated[str, StringConstraints(pattern="^[A-Z]{2}$")]
    spent: Annotated[Decimal, Field(ge=0, max_digits=12, decimal_places=2)]


class SaveRecords(Payload):
    """Records of one file, to be kept; ``import_id`` and ``first_row`` name them for good.

    ``first_row`` is the first row that was looked at, from 1: the same rows under the same name
    however often they are saved. Those that were rejected are not among ``records``.
    """

    import_id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:=-]{0,127}$")]
    first_row: Annotated[int, Field(ge=1)]
    records: Annotated[list[Customer], Field(min_length=1, max_length=MOST_RECORDS)]


class RecordsSaved(Result):
    """The file that holds them now."""

    key: str
    saved: int


save_records = JobType(
    name="save_records",
    payload=SaveRecords,
    result=RecordsSaved,
    retry=Exponential(attempts=5, first=timedelta(seconds=2)),
    timeout=timedelta(seconds=30),
    permissions=(
        Allow(
            actions=("s3:PutObject",),
            resources=("arn:{partition}:s3:::{bucket}/imports/saved/*",),
        ),
    ),
)
