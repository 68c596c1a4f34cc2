"""Job types and handlers that the kit is tested with: letters that go out, or do not."""

from dataclasses import dataclass, field
from datetime import timedelta

from workerless import Discard, Fail, Fixed, Jitter, JobType, Payload, Result, Snooze
from workerless.execution.context import JobContext
from workerless.worker import Worker, worker

MINUTE = timedelta(minutes=1)


class Letter(Payload):
    """One letter to one person."""

    to: str


class Sent(Result):
    """How many letters have gone out by now."""

    number: int


LETTER = JobType(
    name="letter",
    payload=Letter,
    result=Sent,
    retry=Fixed(attempts=3, delay=20 * MINUTE, cap=60 * MINUTE, jitter=Jitter.NONE),
    timeout=timedelta(seconds=5),
    batch_size=2,
)


class Stamp(Payload):
    """One stamp."""

    price: int = 1


STAMP = JobType(name="stamp", payload=Stamp)


@dataclass
class Office:
    """What went out. Letters to 'nobody' and the like end as their names say."""

    out: list[str] = field(default_factory=list)
    ill: dict[str, int] = field(default_factory=dict)

    def send(self, letter: Letter, job: JobContext) -> Sent:
        if letter.to == "nobody":
            raise Fail("there is nobody")
        if letter.to == "gone":
            raise Discard("moved away")
        if letter.to == "asleep" and job.clock.now().hour < 7:
            raise Snooze(timedelta(hours=1))
        if letter.to == "limbo":
            raise Snooze(MINUTE)
        if letter.to == "storm" or self.ill.get(letter.to, 0) >= job.attempt:
            raise OSError("the van broke down")
        self.out.append(letter.to)
        return Sent(number=len(self.out))

    async def send_async(self, letter: Letter) -> Sent:
        self.out.append(letter.to)
        return Sent(number=len(self.out))

    @property
    def worker(self) -> Worker:
        return worker(LETTER)(self.send)
