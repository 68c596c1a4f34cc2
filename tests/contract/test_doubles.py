"""The doubles, where they do what no port asks for."""

from datetime import timedelta
from threading import Thread

import pytest

from workerless.ports import Hide, Outgoing
from workerless.testing.memory import (
    FakeClock,
    InMemoryDirectory,
    InMemoryQueue,
    InMemoryStore,
    RecordingTelemetry,
)
from workerless.testing.sample import a_claim, a_lease, a_record
from workerless.transition import Verdict

SECOND = timedelta(seconds=1)


@pytest.fixture
def queue(clock: FakeClock) -> InMemoryQueue:
    return InMemoryQueue(clock, visibility=30 * SECOND)


def _bodies(queue: InMemoryQueue, address: str = "queue") -> list[str]:
    return [record["body"] for record in queue.deliver(address)]


def test_time_moves_only_when_told(clock: FakeClock) -> None:
    start = clock.now()

    clock.sleep(SECOND)
    clock.advance(2 * SECOND)

    assert clock.now() - start == 3 * SECOND
    assert clock.sleeps == [SECOND]
    with pytest.raises(ValueError, match="time moves forward"):
        clock.advance(-SECOND)


def test_delayed_message_arrives_when_its_delay_is_over(
    queue: InMemoryQueue, clock: FakeClock
) -> None:
    queue.send_many("queue", [Outgoing(body="later", delay=5 * SECOND)])
    early = _bodies(queue)

    clock.advance(5 * SECOND)

    assert queue.next_visible_at("queue") == clock.now()
    assert (early, _bodies(queue)) == ([], ["later"])


def test_message_not_acknowledged_comes_back_and_is_counted(
    queue: InMemoryQueue, clock: FakeClock
) -> None:
    queue.send_many("queue", [Outgoing(body="a", group="acme", attributes={"k": "v"})])
    (first,) = queue.deliver("queue")
    clock.advance(30 * SECOND)

    (second,) = queue.deliver("queue")

    assert first["attributes"]["ApproximateReceiveCount"] == "1"
    assert second["attributes"] == {
        **first["attributes"],
        "ApproximateReceiveCount": "2",
    }
    assert second["attributes"]["MessageGroupId"] == "acme"
    assert second["messageAttributes"]["k"]["stringValue"] == "v"
    assert second["messageId"] == first["messageId"]
    assert second["receiptHandle"] != first["receiptHandle"]


def test_acknowledged_message_is_gone(queue: InMemoryQueue) -> None:
    queue.send_many("queue", [Outgoing(body="a"), Outgoing(body="b")])
    (first,) = queue.deliver("queue", limit=1)

    queue.acknowledge("queue", first["receiptHandle"])

    assert [message.body for message in queue.messages("queue")] == ["b"]


def test_stale_receipt_does_nothing(queue: InMemoryQueue, clock: FakeClock) -> None:
    queue.send_many("queue", [Outgoing(body="a")])
    (first,) = queue.deliver("queue")
    clock.advance(30 * SECOND)
    queue.deliver("queue")

    queue.acknowledge("queue", first["receiptHandle"])
    (failure,) = queue.hide_many("queue", [Hide(receipt=first["receiptHandle"], delay=SECOND)])

    assert len(queue.messages("queue")) == 1
    assert failure is not None


def test_message_received_too_often_is_dead(queue: InMemoryQueue, clock: FakeClock) -> None:
    queue.redrive("queue", dead_letters="dead", max_receives=2)
    queue.send_many("queue", [Outgoing(body="poison")])

    received = []
    for _ in range(3):
        received.append(_bodies(queue))
        clock.advance(30 * SECOND)

    assert received == [["poison"], ["poison"], []]
    assert _bodies(queue, "dead") == ["poison"]
    assert queue.next_visible_at("queue") is None


def test_one_of_many_threads_gets_the_job(clock: FakeClock) -> None:
    store = InMemoryStore(clock)
    store.put_many([a_record()])
    verdicts: list[Verdict] = []

    def claim(token: str) -> None:
        verdicts.append(store.claim_many([a_claim(lease=a_lease(token))])[0].verdict)

    threads = [Thread(target=claim, args=(f"token-{n}",)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(verdicts, key=str) == [Verdict.GRANTED, *[Verdict.LEASED] * 7]


def test_telemetry_is_kept_in_order() -> None:
    telemetry = RecordingTelemetry()
    error = ValueError("boom")

    telemetry.transition({"event": "job.completed", "attempt": 1})
    telemetry.trouble("hook_failed", error, hook="on_start")
    telemetry.logger(job_id="job-1").warning("half %s", "way", extra={"mine": 1})

    assert telemetry.transitions == [{"event": "job.completed", "attempt": 1}]
    assert (telemetry.troubles[0].event, telemetry.troubles[0].error) == ("hook_failed", error)
    assert telemetry.troubles[0].fields == {"hook": "on_start"}
    (line,) = telemetry.lines
    assert (line.level, line.message, line.fields) == ("WARNING", "half way", {"job_id": "job-1"})


def test_directory_names_queues_as_stacks_do() -> None:
    address = InMemoryDirectory(["send_email"]).find("send_email")

    assert address.queue == "workerless-test-send_email"
    assert address.dead_letters == "workerless-test-send_email-dead"
