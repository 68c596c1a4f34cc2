"""What the job type ``generate_report`` is: how the jobs of a day went, as files and an email."""

from datetime import date, timedelta
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from functions.send_email.job import EmailAddress
from workerless import Allow, Cron, Exponential, JobType, Payload, Result, Schedule

# Whose days are reported: they begin at midnight on the clocks there.
ZONE = "Europe/Berlin"
# Who gets the report each morning: put your own here.
RECIPIENTS = ["reports@example.com"]

type Format = Literal["csv", "svg"]


class GenerateReport(Payload):
    """How the jobs of a day went: a file for each of ``formats``, an email to ``recipients``.

    ``day`` is one of ``ZONE``, at the latest the present one. None: the day before each tick that
    the job covers, and yesterday for a job that no schedule made. Whatever is asked, the hours that
    are over are counted first, while their jobs are on record; without ``formats`` that is all.
    """

    day: date | None = None
    formats: Annotated[list[Format], Field(max_length=2)] = Field(default=["csv", "svg"])
    recipients: Annotated[list[EmailAddress], Field(max_length=20)] = Field(default=[])

    @model_validator(mode="after")
    def _has_something_to_tell(self) -> Self:
        if self.recipients and not self.formats:
            raise ValueError("formats must name at least one file where there are recipients")
        return self


class ReportGenerated(Result):
    """``files`` are keys in the project's bucket, ``emails`` ids of jobs of ``send_email``.

    ``hours_counted`` is how many hours this run was the first to count.
    """

    hours_counted: int
    files: list[str]
    emails: list[str]


_TABLE = "arn:{partition}:dynamodb:{region}:{account}:table/workerless-{stage}"
_PARAMETERS = "arn:{partition}:ssm:{region}:{account}:parameter/workerless/{stage}/job-types"

generate_report = JobType(
    name="generate_report",
    payload=GenerateReport,
    result=ReportGenerated,
    retry=Exponential(attempts=5, first=timedelta(seconds=30), cap=timedelta(minutes=15)),
    timeout=timedelta(minutes=5),
    concurrency=2,
    memory_mb=512,
    schedules=(
        # Records of completed jobs go after a day, some job types' after an hour: each hour is
        # counted once it is over. A minute later the index has its last jobs, too.
        Schedule("hourly", Cron("1 * * * *"), GenerateReport(formats=[])),
        Schedule(
            "daily",
            Cron("0 9 * * *", timezone=ZONE),
            GenerateReport(recipients=RECIPIENTS),
            window=timedelta(days=7),
        ),
    ),
    permissions=(
        Allow(
            actions=("dynamodb:Query",),
            resources=(f"{_TABLE}/index/by_state", f"{_TABLE}/index/due"),
        ),
        Allow(actions=("ssm:GetParametersByPath",), resources=(_PARAMETERS,)),
        Allow(
            actions=("s3:GetObject", "s3:PutObject", "s3:PutObjectTagging"),
            resources=("arn:{partition}:s3:::{bucket}/reports/*",),
        ),
    ),
    children=("send_email",),
)
