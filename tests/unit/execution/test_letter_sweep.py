"""The sweeper at the dead letters, with client, worker and queues around it."""

import json
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.unit.execution.bench import TASK, Bench, Done, Task
from tests.unit.execution.letters import BARE, DATA, DAY, MINUTE, event
from workerless import Discard, JobType, State
from workerless.execution.letter_step import Deed
from workerless.execution.letter_sweep import LOOKS, RETURNS
from workerless.payload import digest
from workerless.ports import Outgoing
from workerless.testing.sample import a_record


def echo(payload: Task) -> Done:
    return Done(text=payload.text)


@pytest.fixture
def bench() -> Bench:
    return Bench()


def put(bench: Bench, body: str, **attributes: str) -> None:
    """As SQS would have moved it, attributes and all."""
    letter = Outgoing(body=body, attributes=attributes)
    assert bench.queue.send_many(bench.address.dead_letters, [letter]) == [None]


def blow_fuse(bench: Bench) -> None:
    """Have everything in the queue received until SQS moves it: nobody ever answers."""
    for _ in range(bench.job_type.max_receive_count + 1):
        at = bench.queue.next_visible_at(bench.address.queue)
        if at is None:
            return
        bench.clock.advance(max(at - bench.clock.now(), timedelta(0)))
        bench.queue.deliver(bench.address.queue)


def test_bare_message_that_never_started_is_run_under_its_first_id(bench: Bench) -> None:
    bench.handle(echo)
    bench.send(BARE)
    (message_id,) = [one["messageId"] for one in bench.queue.deliver(bench.address.queue)]
    blow_fuse(bench)

    done = bench.sweep_letters()
    bench.drain()

    assert done == Counter({Deed.SEEN: 1, Deed.RETURNED: 1})
    assert bench.record(message_id).state is State.COMPLETED
    assert bench.dead_letters() == []
    assert bench.events()[0] == "letter.returned"


def test_what_goes_back_waits_longer_each_time_and_then_its_job_fails(bench: Bench) -> None:
    job = bench.client.enqueue(bench.job_type, Task())
    waits: list[timedelta] = []
    blow_fuse(bench)
    while bench.sweep_letters()[Deed.RETURNED]:
        (message,) = bench.queue.messages(bench.address.queue)
        waits.append(message.delay)
        blow_fuse(bench)

    assert waits == [MINUTE, 5 * MINUTE, 15 * MINUTE]
    status = job.status()
    assert (status.state, status.failed_reason, status.attempt) == (
        State.FAILED,
        "undeliverable",
        0,
    )
    assert "no worker was there to take it" in status.errors[-1].message
    (letter,) = bench.dead_letters()
    assert letter.attributes["reason"] == "undeliverable"
    assert letter.attributes["job_id"] == job.id
    assert bench.events()[-2:] == ["job.failed", "letter.undeliverable"]


def test_message_that_is_moved_after_its_job_ended_is_dropped(bench: Bench) -> None:
    def unwanted(payload: Task) -> Done:
        raise Discard("not wanted")

    bench.handle(unwanted)
    bench.client.enqueue(bench.job_type, Task(), job_id="job")
    bench.drain()
    put(bench, bench.record("job").body)

    assert bench.sweep_letters()[Deed.DROPPED] == 1
    assert bench.dead_letters() == []


def test_letter_of_a_failed_job_that_sqs_moved_says_what_its_record_says(bench: Bench) -> None:
    bench.handle(lambda payload: 1 / 0)
    bench.client.enqueue(bench.job_type, Task(), job_id="job")
    bench.drain()
    (ours,) = bench.dead_letters()
    put(bench, ours.body)

    bench.sweep_letters()

    assert bench.dead_letters() == [ours, ours]


def test_letters_that_stay_can_be_received_at_once(bench: Bench) -> None:
    bench.handle(lambda payload: 1 / 0)
    bench.client.enqueue_many(bench.job_type, [Task(text=str(n)) for n in range(60)])
    bench.drain()

    assert bench.sweep_letters() == Counter({Deed.SEEN: 60})
    assert len(bench.queue.deliver(bench.address.dead_letters, limit=100)) == 60


def test_full_queue_is_gone_through_bit_by_bit(bench: Bench) -> None:
    for number in range(LOOKS + 30):
        job_id = f"job-{number}"
        record = a_record(job_id, job_type="task", state=State.FAILED, digest=digest(DATA))
        bench.store.put_many([replace(record, reason="rejected")])
        put(bench, event(id=job_id))

    first, second = bench.sweep_letters(), bench.sweep_letters()
    bench.clock.advance(10 * MINUTE)

    assert (first[Deed.EXPLAINED], second[Deed.EXPLAINED]) == (LOOKS, 30)
    assert {letter.attributes["reason"] for letter in bench.dead_letters()} == {"rejected"}


def test_only_a_few_go_back_in_one_run(bench: Bench) -> None:
    for _ in range(RETURNS + 5):
        put(bench, BARE)

    first, second = bench.sweep_letters(), bench.sweep_letters()

    assert (first[Deed.RETURNED], second[Deed.RETURNED]) == (RETURNS, 5)


def test_sweeper_stops_looking_when_its_time_is_up(bench: Bench) -> None:
    put(bench, BARE)

    assert bench.sweep_letters(timedelta(0)) == Counter()


def test_old_letter_is_kept_as_a_file_and_leaves_its_queue(bench: Bench) -> None:
    job_type: JobType[Task, Done] = JobType(
        name="task", payload=Task, result=Done, failed_retention=30 * DAY, retry=TASK.retry
    )
    bench = Bench(job_type=job_type)
    bench.handle(lambda payload: 1 / 0)
    job = bench.client.enqueue(bench.job_type, Task(text="x"))
    bench.drain()
    (letter,) = bench.dead_letters()
    sent_at = bench.clock.now()
    early = bench.sweep_letters()

    bench.clock.advance(13 * DAY)

    assert (early[Deed.ARCHIVED], bench.sweep_letters()[Deed.ARCHIVED]) == (0, 1)
    assert bench.dead_letters() == []
    (key,) = bench.blobs.keys()
    assert key.startswith(f"archive/dead-letters/task/{sent_at:%Y-%m-%d}/")
    told = json.loads(bench.blobs.get(key, limit_bytes=100_000))
    assert told["body"] == letter.body
    assert told["attributes"] == letter.attributes
    assert (told["job_id"], told["job_type"]) == (job.id, "task")
    assert told["record"]["reason"] == "attempts_exhausted"
    assert told["record"]["errors"][-1]["error_type"] == "ZeroDivisionError"
    bench.clock.advance(386 * DAY)
    assert bench.blobs.keys() == [key]


@pytest.mark.parametrize("kept", ["kept", "missing"])
def test_payload_that_an_old_letter_refers_to_is_kept_as_long_as_its_file(kept: str) -> None:
    bench = Bench()
    bench.handle(lambda payload: 1 / 0)
    bench.client.enqueue(bench.job_type, Task(text="x" * 300_000))
    bench.drain()
    (payload,) = [key for key in bench.blobs.keys() if key.startswith("payloads/")]  # noqa: SIM118 -- no mapping
    if kept == "missing":
        bench.blobs.delete(payload)

    bench.clock.advance(13 * DAY)
    bench.sweep_letters()
    bench.clock.advance(399 * DAY)

    archive, *others = bench.blobs.keys()
    assert json.loads(bench.blobs.get(archive, limit_bytes=100_000))["payload"] == kept
    assert others == ([payload] if kept == "kept" else [])


def test_letter_whose_payload_could_not_be_kept_stays(bench: Bench) -> None:
    bench.handle(lambda payload: 1 / 0)
    bench.client.enqueue(bench.job_type, Task(text="x" * 300_000))
    bench.drain()
    bench.clock.advance(13 * DAY)
    bench.blobs.down = frozenset({"extend"})

    assert bench.sweep_letters()[Deed.ARCHIVED] == 0
    assert len(bench.dead_letters()) == 1
