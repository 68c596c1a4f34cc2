"""Jobs that do as their script says, in processes that die as theirs says."""

from datetime import timedelta

from workerless import Fixed, JobType, Payload, Result


class Chaos(Payload):
    """One job of a soak, by its number; the script says what it does, and its padding."""

    number: int
    padding: str = ""


class Survived(Result):
    """The job that it was; nothing else may ever come back."""

    number: int


chaotic = JobType(
    name="chaotic",
    payload=Chaos,
    result=Survived,
    retry=Fixed(attempts=10, delay=timedelta(seconds=10)),
    timeout=timedelta(seconds=1),
    concurrency=10,
    batch_size=5,
)
