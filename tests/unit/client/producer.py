"""What the client's tests share: two job types, and ports that note what happens to them."""

from collections.abc import Sequence
from datetime import timedelta

from workerless.errors import StoreUnavailableError
from workerless.job_type import JobType
from workerless.message import read
from workerless.payload import Payload
from workerless.ports import Outgoing, Put, SendFailure
from workerless.record import Record
from workerless.testing.memory import FakeClock, InMemoryQueue, InMemoryStore

SECOND = timedelta(seconds=1)
QUEUE = "workerless-test-greet"


class Greet(Payload):
    """A greeting."""

    name: str
    share: float = 0


class Other(Payload):
    """Something else."""

    name: str
    share: float = 0


greet = JobType(name="greet", payload=Greet)
other = JobType(name="other", payload=Other)
ghost = JobType(name="ghost", payload=Greet)
ADA = Greet(name="Ada")


class NotedStore(InMemoryStore):
    """Notes what is stored; ``is_down`` makes it fail as an unreachable one does."""

    def __init__(self, clock: FakeClock, log: list[str]) -> None:
        super().__init__(clock)
        self._log = log
        self.is_down = False

    def put_many(self, records: Sequence[Record]) -> list[Put]:
        if self.is_down:
            raise StoreUnavailableError("the store does not answer")
        self._log.extend(f"stored {record.job_id}" for record in records)
        return super().put_many(records)


class NotedQueue(InMemoryQueue):
    """Notes what is sent; messages whose body holds a word of ``failing`` are not."""

    def __init__(self, clock: FakeClock, log: list[str]) -> None:
        super().__init__(clock)
        self._log = log
        self.failing: set[str] = set()

    def send_many(self, address: str, messages: Sequence[Outgoing]) -> list[SendFailure | None]:
        return [self._send_one(address, message) for message in messages]

    def _send_one(self, address: str, message: Outgoing) -> SendFailure | None:
        name = read(message.body, job_type=address.rpartition("-")[2], message_id="").job_id
        if any(word in message.body for word in self.failing):
            return SendFailure(code="ServiceUnavailable", message="try again")
        self._log.append(f"sent {name}")
        return super().send_many(address, [message])[0]


def sent(log: list[str]) -> list[str]:
    """What was sent, of all that was noted."""
    return [line for line in log if line.startswith("sent")]
