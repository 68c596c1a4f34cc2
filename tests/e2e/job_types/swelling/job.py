"""A job type whose bound moves with what waits."""

from datetime import timedelta

from workerless import Autoscale, JobType, Payload


class Swell(Payload):
    """Takes a while."""

    number: int


swelling = JobType(
    name="swelling",
    payload=Swell,
    timeout=timedelta(seconds=10),
    concurrency=5,
    autoscale=Autoscale(jobs_each=2, older_than=timedelta(minutes=5)),
)
