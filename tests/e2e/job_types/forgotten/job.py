"""A job whose message is taken away, so that only the sweeper can bring it back."""

from datetime import timedelta

from workerless import JobType, Payload


class Forgotten(Payload):
    """Nothing to do but to be done."""


forgotten = JobType(name="forgotten", payload=Forgotten, timeout=timedelta(seconds=5))
