"""Messages of other versions of a payload than the worker's own."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from tests.unit.execution.bench import Bench
from workerless import JobType, Payload, State


class Greet(Payload):
    """Greets somebody, since version 2 by two names."""

    first: str
    last: str


def split_name(data: dict[str, Any]) -> dict[str, Any]:
    first, _, last = data["name"].partition(" ")
    return {"first": first, "last": last}


GREET = JobType(name="greet", payload=Greet, version=2, upcasters={1: split_name})


@pytest.fixture
def bench() -> Iterator[Bench]:
    bench = Bench(job_type=GREET)
    yield bench
    bench.close()


def event(version: int | None, **data: object) -> str:
    schema = {"dataschema": f"urn:workerless:greet:{version}"} if version else {}
    envelope = {"specversion": "1.0", "id": "job", "source": "shop", "type": "greet"}
    return json.dumps({**envelope, **schema, "data": data})


def greeted(bench: Bench) -> list[str]:
    names: list[str] = []
    bench.handle(lambda greet: names.append(f"{greet.first}+{greet.last}"))
    bench.drain()
    return names


def test_earlier_version_is_lifted(bench: Bench) -> None:
    bench.send(event(1, name="Ada Lovelace"))

    assert greeted(bench) == ["Ada+Lovelace"]


@pytest.mark.parametrize("version", [2, None])
def test_present_version_and_none_are_read_as_they_are(bench: Bench, version: int | None) -> None:
    bench.send(event(version, first="Ada", last="Lovelace"))

    assert greeted(bench) == ["Ada+Lovelace"]


def test_bare_payload_is_of_the_present_version(bench: Bench) -> None:
    bench.send(json.dumps({"first": "Ada", "last": "Lovelace"}))

    assert greeted(bench) == ["Ada+Lovelace"]


def test_later_version_that_still_fits_is_run_without_what_is_new(bench: Bench) -> None:
    bench.send(event(3, first="Ada", last="Lovelace", title="Countess"))

    assert greeted(bench) == ["Ada+Lovelace"]


def test_later_version_that_does_not_fit_waits_for_its_worker(bench: Bench) -> None:
    bench.send(event(3, full_name="Ada Lovelace"))
    bench.handle(lambda _greet: None)

    kept = bench.deliver()

    record = bench.record("job")
    assert len(kept) == 1
    assert (record.state, record.attempt) == (State.RETRYING, 0)
    assert record.run_at == bench.clock.now() + timedelta(minutes=1)


def test_later_version_whose_worker_never_comes_is_dead_lettered(bench: Bench) -> None:
    bench.send(event(3, full_name="Ada Lovelace"))
    begun = bench.clock.now()

    assert greeted(bench) == []
    (letter,) = bench.dead_letters()
    sent = json.loads(letter.body)
    assert (sent["data"], sent["dataschema"]) == (
        {"full_name": "Ada Lovelace"},
        "urn:workerless:greet:3",
    )
    assert letter.attributes["reason"] == "newer_version"
    assert timedelta(hours=1) <= bench.clock.now() - begun < timedelta(hours=2)


def test_job_that_was_long_in_coming_gets_its_hour_too(bench: Bench) -> None:
    bench.send(event(3, full_name="Ada Lovelace"))
    bench.clock.advance(timedelta(hours=5))
    begun = bench.clock.now()

    assert greeted(bench) == []
    record = bench.record("job")
    assert [error.error_type for error in record.errors] == ["NewerVersion", "ValidationError"]
    assert timedelta(hours=1) <= bench.clock.now() - begun < timedelta(hours=2)


def test_upcaster_that_raises_is_an_invalid_payload(bench: Bench) -> None:
    bench.send(event(1, nobody=1))

    assert greeted(bench) == []
    (letter,) = bench.dead_letters()
    assert letter.attributes["reason"] == "invalid_payload"
    assert letter.attributes["error_type"] == "KeyError"
