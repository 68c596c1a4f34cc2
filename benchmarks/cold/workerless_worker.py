"""A plain worker of Workerless: imported in Lambda's environment, it also makes its clients."""

from datetime import timedelta

from workerless import JobType, Payload
from workerless.worker import worker


class Greet(Payload):
    """Greets a customer."""

    customer_id: str
    name: str


greet = JobType(name="greet", payload=Greet, timeout=timedelta(seconds=30), batch_size=10)
handler = worker(greet)(lambda _payload: None)
