"""Messages good and bad: each ends where the documentation says, its neighbours unharmed."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from pydantic import field_validator

from tests.unit.execution.bench import TASK, Bench, Done, Task
from workerless import JobType, Payload, State
from workerless.execution.context import JobContext
from workerless.search import Search
from workerless.testing.memory import FakeClock, InMemoryStore


def event(**changes: object) -> str:
    whole = {
        "specversion": "1.0",
        "id": "order-7",
        "source": "shop",
        "type": "task",
        "data": {"text": "x"},
    }
    return json.dumps({name: value for name, value in (whole | changes).items() if value != "-"})


def echo(payload: Task, job: JobContext) -> Done:
    return Done(text=f"{job.job_id}:{payload.text}")


BAD = [
    ("not json", "not_json"),
    ("", "not_json"),
    ("\u20ac", "not_json"),
    ('{"text": NaN}', "not_json"),
    ("[1, 2]", "not_an_object"),
    ('"text"', "not_an_object"),
    ("null", "not_an_object"),
    ("[" * 100_000 + "]" * 100_000, "too_deep"),
    ('{"text": ' + "[" * 100 + "]" * 100 + "}", "too_deep"),
    (json.dumps({"text": "x" * 300_000}), "too_large"),
    (json.dumps({"text": "é" * 100_000}, ensure_ascii=False), "too_large"),
    (event(specversion="2.0"), "unknown_envelope"),
    (event(specversion=1), "unknown_envelope"),
    (event(type="other"), "wrong_queue"),
    (event(type="-"), "wrong_queue"),
    (event(id="-"), "invalid_envelope"),
    (event(id="../../etc"), "invalid_envelope"),
    (event(id="x" * 300), "invalid_envelope"),
    (event(data="text"), "invalid_envelope"),
    (event(tenant="a tenant"), "invalid_envelope"),
    (event(correlationid="line\nbreak"), "invalid_envelope"),
    (event(dataschema="urn:workerless:other:1"), "invalid_envelope"),
    (event(generation=0), "invalid_envelope"),
    (event(generation=True), "invalid_envelope"),
    (event(tags="a b"), "invalid_envelope"),
    (event(tags=["a"]), "invalid_envelope"),
    (event(tags="a,,b"), "invalid_envelope"),
    (event(tags="a,b,c,d,e,f"), "invalid_envelope"),
    ('{"text": 7}', "invalid_payload"),
    ('{"text": "\\ud800"}', "not_unicode"),
    (event(id="\udfff"), "not_unicode"),
    (event(data={"text": None}), "invalid_payload"),
]


@pytest.mark.parametrize(("body", "reason"), BAD, ids=range(len(BAD)))
def test_bad_message_goes_to_the_dead_letter_queue_untouched(
    bench: Bench, body: str, reason: str
) -> None:
    bench.handle(echo)
    for one in ('{"text": "before"}', body or " ", '{"text": "after"}'):
        bench.send(one)

    assert bench.deliver() == []

    (letter,) = bench.dead_letters()
    assert letter.body == (body or " ")
    assert letter.attributes["reason"] == reason
    assert letter.attributes["attempts"] == "1"
    failed = bench.record(letter.attributes["job_id"])
    assert (failed.state, failed.reason) == (State.FAILED, reason)
    assert bench.events().count("job.completed") == 2


def test_body_that_fills_a_message_is_dead_lettered_without_attributes(bench: Bench) -> None:
    bench.handle(echo)
    body = "x" * 1_048_576
    bench.send(body)

    assert bench.deliver() == []

    (letter,) = bench.dead_letters()
    assert letter.body == body
    assert letter.attributes == {}


def test_error_of_an_invalid_payload_names_fields_and_never_values(bench: Bench) -> None:
    bench.handle(echo)
    bench.send('{"text": {"secret": "hunter2"}}')

    bench.deliver()

    (letter,) = bench.dead_letters()
    assert "text" in letter.attributes["error_message"]
    assert "hunter2" not in str(letter.attributes) + str(bench.telemetry.transitions)


def test_payload_model_that_raises_anything_at_all_fails_only_its_job(
    make_bench: Callable[..., Bench],
) -> None:
    class Picky(Payload):
        """A model whose validator has a mistake."""

        text: str

        @field_validator("text")
        @classmethod
        def check(cls, text: str) -> str:
            raise ZeroDivisionError(text)

    bench = make_bench(job_type=JobType(name="task", payload=Picky, result=Done))
    bench.handle(echo)
    bench.send('{"text": "x"}')

    assert bench.deliver() == []

    (letter,) = bench.dead_letters()
    assert letter.attributes["reason"] == "invalid_payload"
    assert letter.attributes["error_type"] == "ZeroDivisionError"


def test_bare_payload_is_a_job_under_its_message_id(bench: Bench) -> None:
    bench.handle(echo)
    bench.send('{"text": "bare", "unknown": "field"}')
    (waiting,) = bench.queue.messages(bench.address.queue)

    bench.drain()

    ids = [str(line["job_id"]) for line in bench.telemetry.transitions]
    record = bench.record(ids[0])
    assert record.result == json.dumps({"text": f"{ids[0]}:bare"}, separators=(",", ":"))
    assert record.body == waiting.body


def test_foreign_event_is_a_job_under_its_own_id_and_runs_once(bench: Bench) -> None:
    bench.handle(echo)
    for _ in range(3):
        bench.send(event(correlationid="request-9", tenant="acme"))

    bench.drain()

    record = bench.record("order-7")
    assert (record.state, record.attempt) == (State.COMPLETED, 1)
    assert (record.correlation_id, record.tenant) == ("request-9", "acme")
    assert bench.events().count("job.completed") == 1


@pytest.mark.parametrize("ended", [True, False])
def test_foreign_event_under_the_id_of_another_job_is_dead_lettered_and_that_job_runs(
    bench: Bench,
    ended: bool,  # noqa: FBT001 -- a parameter of the test
) -> None:
    bench.handle(echo)
    if not ended:  # the foreign one is first in the queue
        bench.send(event(data={"text": "theirs"}))
    job = bench.client.enqueue(bench.job_type, Task(text="ours"), job_id="order-7")
    if ended:
        bench.drain()
        bench.send(event(data={"text": "theirs"}))

    bench.drain()

    (letter,) = bench.dead_letters()
    assert letter.attributes["reason"] == "id_taken"
    assert json.loads(letter.body)["data"] == {"text": "theirs"}
    assert job.status().result == Done(text="order-7:ours")


def test_producer_whose_clock_is_ahead_delays_nobody(bench: Bench) -> None:
    bench.handle(echo)
    job = bench.client.enqueue(bench.job_type, Task())
    behind = replace(bench.ports(), clock=FakeClock(bench.clock.now() - timedelta(hours=1)))
    assert bench.worker is not None

    response = bench.worker.run(
        bench.queue.deliver(bench.address.queue), behind, timedelta(seconds=20)
    )

    assert response == {"batchItemFailures": []}
    assert bench.record(job.id).state is State.COMPLETED


def test_event_that_claims_the_id_of_another_queues_job_does_not_touch_it(bench: Bench) -> None:
    bench.handle(echo)
    job = bench.client.enqueue(bench.job_type, Task(text="mine"))
    before = bench.record(job.id)
    bench.queue.deliver(bench.address.queue)
    bench.send(event(id=job.id, type="other"))

    bench.deliver()

    assert bench.record(job.id) == before


def test_message_whose_record_is_gone_is_not_run(bench: Bench) -> None:
    runs: list[str] = []
    bench.handle(lambda payload: runs.append(payload.text))
    bench.send(event(generation=1))

    bench.drain()

    (letter,) = bench.dead_letters()
    assert runs == []
    assert letter.attributes["reason"] == "record_missing"
    assert letter.attributes["attempts"] == "0"


def test_duplicate_of_an_ended_job_is_acknowledged_without_a_run(bench: Bench) -> None:
    bench.handle(echo)
    job = bench.client.enqueue(bench.job_type, Task())
    body = bench.record(job.id).body
    bench.drain()
    bench.send(body)

    assert bench.deliver() == []

    assert bench.events()[-1] == "job.duplicate"
    assert bench.record(job.id).attempt == 1


def test_cancelled_job_is_not_run(bench: Bench) -> None:
    bench.handle(echo)
    job = bench.client.enqueue(bench.job_type, Task())
    job.cancel()

    assert bench.deliver() == []

    assert job.status().state is State.CANCELLED
    assert bench.events() == ["job.duplicate"]


def test_job_of_a_foreign_producer_is_found_by_its_tags_and_search_keys(
    make_bench: Callable[..., Bench],
) -> None:
    bench = make_bench(job_type=replace(TASK, search_keys=("text",)))
    store = InMemoryStore(bench.clock)
    bench.store = store
    bench.handle(echo)
    bench.send(event(tags="shop,eu", data={"text": "lamp"}))
    bench.send('{"text": "lamp"}')

    bench.deliver()

    def found(**said: Any) -> list[str]:
        return [row.job_id for row in store.search(Search(job_type="task", **said)).rows]

    assert len(found(keys={"text": "lamp"})) == 2
    assert found(keys={"text": "lamp"}, tags=frozenset({"eu"})) == ["order-7"]
    assert bench.record("order-7").tags == ("shop", "eu")
    assert found(keys={"text": "desk"}) == []
