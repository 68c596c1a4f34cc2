"""The sweeper files what has no record: every dead job is in one list, and its letter goes."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from tests.unit.execution.bench import TASK, Bench, Task
from tests.unit.execution.letters import BARE, DAY, event, its_record
from workerless import Fail, JobType, State, Tracking
from workerless.errors import StoreUnavailableError
from workerless.execution.filing import FILED_RETENTION
from workerless.execution.letter_step import Deed
from workerless.execution.letter_sweep import LOOKS
from workerless.payload import digest
from workerless.ports import Outgoing
from workerless.record import Record

UNTRACKED: JobType[Task, None] = JobType(
    name="task", payload=Task, retry=TASK.retry, tracking=Tracking.OFF
)


TAGGED = event(tags="eu")


class Died(BaseException):
    """The process is gone."""


def die(*_: Any, **__: Any) -> Any:
    raise Died


@pytest.fixture
def bench() -> Bench:
    return Bench()


def put(bench: Bench, body: str, **attributes: str) -> str:
    """A letter as SQS would have moved it; its message id."""
    letter = Outgoing(body=body, attributes=attributes)
    assert bench.queue.send_many(bench.address.dead_letters, [letter]) == [None]
    *_, last = bench.queue.deliver(bench.address.dead_letters, 1_000)
    bench.clock.advance(timedelta(hours=12))
    return str(last["messageId"])


def filed(bench: Bench) -> list[Record]:
    return list(bench.store.list(State.FAILED, job_type="task").records)


@pytest.mark.parametrize(
    ("body", "attributes", "job_id", "reason"),
    [
        ("not json", {}, None, "not_json"),
        (event(type="other"), {}, None, "wrong_queue"),
        (event(generation=2), {}, "job", "record_missing"),
        (TAGGED, {"returned": "3"}, "job", "undeliverable"),
        (BARE, {"returned": "3"}, None, "undeliverable"),
    ],
)
def test_letter_without_a_record_becomes_one(
    bench: Bench, body: str, attributes: dict[str, str], job_id: str | None, reason: str
) -> None:
    message_id = put(bench, body, **attributes)

    done = bench.sweep_letters()

    assert done == Counter({Deed.SEEN: 1, Deed.FILED: 1})
    assert bench.dead_letters() == []
    assert bench.events() == ["job.failed", "letter.filed"]  # nobody else has told of its end
    record = bench.record(job_id or message_id)
    assert record.tags == (("eu",) if body == TAGGED else ())
    assert (record.state, record.reason, record.body) == (State.FAILED, reason, body)
    assert record.filed_from == message_id
    assert record.expires_at == bench.clock.now() + FILED_RETENTION
    assert [one.job_id for one in filed(bench)] == [record.job_id]
    assert bench.next_due_at() is None


def test_job_whose_id_is_anothers_is_filed_under_that_of_its_message(bench: Bench) -> None:
    other = its_record(digest=digest({"text": "other"}))
    bench.store.put_many([other])
    message_id = put(bench, event())

    bench.sweep_letters()

    assert bench.record("job") == other
    filed_record = bench.record(message_id)
    assert (filed_record.reason, filed_record.body) == ("id_taken", event())
    assert filed_record.correlation_id == "job"


def test_job_that_failed_untracked_is_filed_with_its_error() -> None:
    def refuses(payload: Task) -> None:
        raise Fail("not today")

    bench = Bench(job_type=UNTRACKED)
    bench.handle(refuses)
    bench.client.enqueue(UNTRACKED, Task(text="x"), job_id="job", tenant="acme")
    bench.deliver()
    failed_at = bench.clock.now()
    bench.clock.advance(DAY)

    assert bench.sweep_letters()[Deed.FILED] == 1

    record = bench.record("job")
    assert (record.reason, record.tenant, record.finished_at) == ("rejected", "acme", failed_at)
    assert record.errors[-1].message == "not today"
    assert record.attempt == 0
    # Who tells people each minute of what is new in the list finds it there, however late.
    assert record.updated_at == bench.clock.now()


def test_letter_of_a_job_whose_record_is_past_its_time_is_not_filed(bench: Bench) -> None:
    bench.handle(lambda payload: 1 / 0)
    bench.client.enqueue(bench.job_type, Task())
    bench.drain()
    bench.clock.advance(8 * DAY)

    assert bench.sweep_letters() == Counter({Deed.SEEN: 1})


def test_who_dies_before_the_letter_goes_finds_it_filed(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    message_id = put(bench, "not json")
    monkeypatch.setattr(bench.queue, "delete_many", die)
    with pytest.raises(Died):
        bench.sweep_letters()
    monkeypatch.undo()
    before = bench.record(message_id)
    bench.clock.advance(timedelta(minutes=10))

    assert bench.sweep_letters()[Deed.DROPPED] == 1
    assert bench.record(message_id) == before
    assert bench.dead_letters() == []


def test_letter_that_could_not_be_filed_stays(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(_: Any) -> Any:
        raise StoreUnavailableError("no")

    put(bench, "not json")
    monkeypatch.setattr(bench.store, "put_many", down)

    assert bench.sweep_letters() == Counter({Deed.SEEN: 1})
    monkeypatch.undo()
    assert bench.sweep_letters()[Deed.FILED] == 1


def test_letter_whose_id_another_took_at_the_last_moment_stays(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(bench, event(generation=2))
    bench.store.put_many([its_record()])
    monkeypatch.setattr(bench.store, "get_many", lambda ids: [None for _ in ids])

    assert bench.sweep_letters() == Counter({Deed.SEEN: 1})
    assert len(bench.dead_letters()) == 1


def test_however_many_are_filed_none_is_in_the_way_of_the_others(bench: Bench) -> None:
    for number in range(2 * LOOKS):
        letter = Outgoing(body=f"garbage {number}")
        bench.queue.send_many(bench.address.dead_letters, [letter])

    assert bench.sweep_letters()[Deed.FILED] == 2 * LOOKS
    assert bench.dead_letters() == []


def test_body_too_big_for_a_record_is_kept_as_a_file(bench: Bench) -> None:
    put(bench, "x" * 1_048_576)
    bench.blobs.down = frozenset({"put"})
    before = bench.sweep_letters()
    bench.blobs.down = frozenset()

    after = bench.sweep_letters()

    assert (before[Deed.FILED], after[Deed.FILED]) == (0, 1)
    (key,) = bench.blobs.keys()
    assert b'"reason": "too_large"' in bench.blobs.get(key, limit_bytes=2_000_000)
    assert [one.reason for one in filed(bench)] == ["too_large"]


@pytest.mark.parametrize("is_there", [True, False])
def test_payload_file_of_a_filed_job_is_kept_as_long_as_its_record(*, is_there: bool) -> None:
    bench = Bench(job_type=UNTRACKED)
    bench.handle(lambda payload: 1 / 0)
    bench.client.enqueue(UNTRACKED, Task(text="x" * 300_000), job_id="job")
    bench.drain()
    (payload,) = bench.blobs.keys()
    if not is_there:
        bench.blobs.delete(payload)

    assert bench.sweep_letters()[Deed.FILED] == 1
    bench.clock.advance(FILED_RETENTION - DAY)

    assert bench.blobs.keys() == ([payload] if is_there else [])
    assert bench.record("job").state is State.FAILED


def test_letter_whose_payload_could_not_be_kept_stays() -> None:
    bench = Bench(job_type=UNTRACKED)
    bench.handle(lambda payload: 1 / 0)
    bench.client.enqueue(UNTRACKED, Task(text="x" * 300_000), job_id="job")
    bench.drain()
    bench.blobs.down = frozenset({"extend"})

    assert bench.sweep_letters()[Deed.FILED] == 0
    assert len(bench.dead_letters()) == 1
    assert "filing_failed" in [one.event for one in bench.telemetry.troubles]


@pytest.mark.parametrize("failed_at", ["yesterday", "2999-01-01T00:00:00+00:00"])
def test_letter_that_says_nonsense_about_when_is_filed_as_failed_now(
    bench: Bench, failed_at: str
) -> None:
    told = {"job_id": "job", "job_type": "task", "reason": "rejected", "record": "none"}
    put(bench, event(), **told, failed_at=failed_at, attempts="many")

    bench.sweep_letters()

    record = bench.record("job")
    assert record.finished_at == bench.clock.now()
    assert record.errors[-1].attempt == 0
