"""InMemoryStage: what a test may ask of the jobs that wait, and what it is told."""

from datetime import timedelta

import pytest
from pydantic import ValidationError

from tests.unit.testing.office import LETTER, MINUTE, STAMP, Letter, Office, Stamp
from workerless.ports import Outgoing
from workerless.testing.stage import InMemoryStage


def test_jobs_that_wait_are_listed_in_the_order_in_which_they_came(stage: InMemoryStage) -> None:
    stage.client.enqueue(LETTER, Letter(to="Zoe"), delay=MINUTE, tenant="acme")
    stage.client.enqueue(STAMP, Stamp(price=3))
    stage.client.enqueue(LETTER, Letter(to="Ada"))

    letters = stage.enqueued(LETTER)

    assert [job.payload.to for job in letters] == ["Zoe", "Ada"]
    assert [(job.state, job.delay, job.tenant) for job in letters] == [
        ("scheduled", MINUTE, "acme"),
        ("pending", timedelta(0), None),
    ]
    assert [job.job_type.name for job in stage.enqueued()] == ["letter", "stamp", "letter"]


def test_job_that_will_be_retried_is_listed_with_its_attempts(
    stage: InMemoryStage, office: Office
) -> None:
    stage.client.enqueue(LETTER, Letter(to="storm"))
    stage.drain()

    [job] = stage.enqueued(LETTER)

    assert (job.state, job.attempt, job.delay) == ("retrying", 1, 20 * MINUTE)


def test_message_without_a_record_is_listed_once(stage: InMemoryStage, office: Office) -> None:
    stage.client.enqueue_json("letter", {"to": "Ada"}, tenant="acme", delay=MINUTE)
    stage.client.enqueue_json("letter", {"wrong": 1}, job_id="bad")

    foreign, bad = stage.enqueued(LETTER)

    assert (foreign.payload, foreign.tenant, foreign.delay) == (Letter(to="Ada"), "acme", MINUTE)
    with pytest.raises(ValidationError, match="to"):
        _ = bad.payload
    office.ill = {"Ada": 1}
    stage.advance(MINUTE)
    assert [job.state for job in stage.enqueued(LETTER)] == ["retrying"]


def test_message_that_is_none_is_no_job(stage: InMemoryStage) -> None:
    address = stage.doubles.directory.find("letter")
    stage.doubles.queue.send_many(address.queue, [Outgoing(body="not JSON")])

    assert stage.enqueued() == []


def test_assertion_gives_the_jobs_that_match(stage: InMemoryStage) -> None:
    stage.client.enqueue(LETTER, Letter(to="Ada"), delay=MINUTE, tenant="acme")
    stage.client.enqueue(LETTER, Letter(to="Bob"))

    [ada] = stage.assert_enqueued(LETTER, payload=Letter(to="Ada"))

    assert ada.id == "job-1"
    assert stage.assert_enqueued(LETTER, delay=MINUTE) == [ada]
    assert stage.assert_enqueued(LETTER, tenant="acme") == [ada]
    assert stage.assert_enqueued(LETTER, where=lambda letter: letter.to < "B") == [ada]
    assert len(stage.assert_enqueued(LETTER, count=2)) == 2
    stage.assert_not_enqueued(STAMP)
    stage.assert_not_enqueued(LETTER, payload=Letter(to="Eve"))


def test_delay_is_counted_from_now(stage: InMemoryStage) -> None:
    stage.client.enqueue(LETTER, Letter(to="Ada"), delay=10 * MINUTE)
    stage.advance(4 * MINUTE)

    stage.assert_enqueued(LETTER, delay=6 * MINUTE)


def is_friend(letter: Letter) -> bool:
    return letter.to == "Eve"


def test_failed_assertion_shows_what_was_asked_for_and_what_there_is(stage: InMemoryStage) -> None:
    stage.run(LETTER, Letter(to="Ada"))
    stage.client.enqueue(LETTER, Letter(to="Bob"), delay=MINUTE, tenant="acme")
    stage.client.enqueue(STAMP, Stamp(price=3))

    with pytest.raises(AssertionError) as failure:
        stage.assert_enqueued(LETTER, payload=Letter(to="Eve"), where=is_friend, tenant="x")

    assert str(failure.value).splitlines() == [
        "no job is enqueued of letter with payload Letter(to='Eve'), where is_friend, tenant 'x'",
        "enqueued:",
        "  letter job-2: scheduled, due in 0:01:00, tenant acme: to='Bob'",
        "  stamp job-3: pending, due now: price=3",
        "not waiting any more:",
        "  letter job-1: completed",
    ]


def test_failed_count_shows_both_numbers(stage: InMemoryStage) -> None:
    stage.client.enqueue_many(LETTER, [Letter(to="Ada"), Letter(to="Bob")])

    with pytest.raises(AssertionError, match=r"^2 jobs are enqueued of letter, wanted 3\n"):
        stage.assert_enqueued(LETTER, count=3)
    with pytest.raises(AssertionError, match=r"^1 job is enqueued of letter with .*, wanted 0\n"):
        stage.assert_not_enqueued(LETTER, payload=Letter(to="Ada"))


def test_failure_says_that_nothing_is_enqueued(stage: InMemoryStage) -> None:
    with pytest.raises(AssertionError, match=r"no job is enqueued of stamp\nnothing is enqueued$"):
        stage.assert_enqueued(STAMP)


def test_failure_shows_no_more_than_a_person_reads(stage: InMemoryStage) -> None:
    stage.client.enqueue_many(STAMP, [Stamp(price=price) for price in range(50)])

    with pytest.raises(AssertionError) as failure:
        stage.assert_enqueued(LETTER)

    lines = str(failure.value).splitlines()
    assert len(lines) == 23
    assert lines[-1] == "  and 30 more"
