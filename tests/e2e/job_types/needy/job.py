"""A job type that needs a bank, which is down whenever a payload says so."""

from datetime import timedelta

from workerless import Dependency, Fixed, JobType, Payload


class BankDownError(Exception):
    """The bank does not answer."""


class Needy(Payload):
    """One payment."""

    number: int
    is_down: bool = False


needy = JobType(
    name="needy",
    payload=Needy,
    timeout=timedelta(seconds=5),
    concurrency=2,
    retry=Fixed(attempts=1, delay=timedelta(seconds=1)),
    needs=(
        Dependency(
            "bank",
            (BankDownError,),
            failures=2,
            open_for=timedelta(seconds=8),
            recovery=timedelta(seconds=2),
        ),
    ),
)
