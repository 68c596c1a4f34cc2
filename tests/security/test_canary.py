"""What is in a payload stays there: a thousand jobs carry a mark that no log line may show.

Nor a metric, an event on a bus or an attribute of a dead letter; the job's own record and message
are where it may be.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import cycle
from typing import Annotated

import pytest
from pydantic import AfterValidator

from tests.unit.loud import LoudTelemetry
from workerless import Discard, Fail, Fixed, Hooks, JobInfo, JobType, Kpi, Payload, Result, State
from workerless.alert import Alert, grouped
from workerless.execution.context import JobContext
from workerless.frozen import replace
from workerless.lifecycle_event import change, job_event
from workerless.search import listed
from workerless.testing.stage import InMemoryStage
from workerless.worker import worker

MARK = "canary-5e1f"
JOBS = 1_000


def refuse(value: str) -> str:
    if "bad" in value:
        raise ValueError(f"{value} is not for us")
    return value


class Bird(Payload):
    """What only the mine may know; all of it is marked."""

    deed: str
    secret: Annotated[str, AfterValidator(refuse)]


class Song(Result):
    text: str


bird = JobType(
    name="bird",
    payload=Bird,
    result=Song,
    retry=Fixed(attempts=2, delay=timedelta(seconds=1)),
    batch_size=10,
)


def fails(secret: str) -> Song:
    raise RuntimeError(f"no such bird: {secret}")


def fails_twice(secret: str) -> Song:
    try:
        return fails(secret)
    except RuntimeError as error:
        raise OSError(f"{secret!r} again") from error


def discards(secret: str) -> Song:
    raise Discard(f"{secret} is not wanted")


def rejects(secret: str) -> Song:
    raise Fail(f"{secret} is wrong")


def exits(secret: str) -> Song:
    raise SystemExit(secret)


def misanswers(secret: str) -> Song:
    return Song.model_construct(text=[secret])  # type: ignore[arg-type]


DEEDS: dict[str, Callable[[str], Song]] = {
    "sing": lambda secret: Song(text=secret),
    "fail": fails,
    "fail twice": fails_twice,
    "discard": discards,
    "reject": rejects,
    "exit": exits,
    "misanswer": misanswers,
}


def perform(payload: Bird, job: JobContext) -> Song:
    job.progress(50, step=payload.secret)
    return DEEDS[payload.deed](payload.secret)


class Deaf:
    """Hooks that say what they heard."""

    def failed(self, _info: JobInfo, reason: str, error: object) -> None:
        raise ValueError(f"{reason} {error}")


@pytest.fixture
def stage() -> Iterator[InMemoryStage]:
    kpis: list[Kpi] = []
    hooks = Hooks(on_failed=Deaf().failed, on_kpi=kpis.append)
    with InMemoryStage(worker(bird, hooks=[hooks])(perform)) as made:
        yield made
    assert len(kpis) > JOBS / 2
    assert MARK not in repr(kpis)


def test_a_mark_in_a_thousand_payloads_is_in_no_line_metric_event_or_letters_attribute(
    stage: InMemoryStage, capsys: pytest.CaptureFixture[str]
) -> None:
    # Here, since pytest swaps standard output after fixtures.
    stage.doubles.telemetry = LoudTelemetry()
    jobs = stage.client.enqueue_many(
        bird,
        [
            Bird(deed=deed, secret=f"{MARK}-{number}")
            for number, deed in zip(range(JOBS), cycle(DEEDS), strict=False)
        ],
    )
    for body in (f'{{"deed": "{MARK}"}}', f'{{"deed": 1, "secret": "bad {MARK}"}}', f'"{MARK}"'):
        stage.run_message(bird, body)

    stage.run_all()

    told = capsys.readouterr()
    assert told.out.count('"job.') > JOBS
    assert told.out.count('"CloudWatchMetrics"') > JOBS
    assert MARK not in told.out + told.err
    letters = stage.doubles.queue.messages(stage.doubles.directory.find("bird").dead_letters)
    assert len(letters) > JOBS / 2
    assert not [one.attributes for one in letters if MARK in str(one.attributes)]
    # An event bus may be told of each change of each record.
    records = [one for one in stage.doubles.store.get_many([job.id for job in jobs]) if one]
    ends = [(change(replace(one, state=State.PROCESSING), one), one) for one in records]
    events = [job_event(kind, one, stage="prod") for kind, one in ends if kind]
    assert len(events) > JOBS / 2
    assert not [event for event in events if MARK in event.model_dump_json()]
    # People are mailed of those that failed.
    groups = grouped(listed(one) for one in records if one.state is State.FAILED)
    now = stage.clock.now()
    mailed = Alert(stage="prod", since=now, until=now, groups=groups)
    assert mailed.number > JOBS / 2
    assert MARK not in f"{mailed.subject} {mailed.text()} {mailed.shape()}"
    # Where it may be: what the job's own people look at.
    failed = [job.status() for job in jobs if job.status().state is State.FAILED]
    assert MARK in failed[0].errors[-1].message
