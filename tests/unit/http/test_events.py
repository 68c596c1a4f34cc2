"""Events over HTTP: from callers, and from whoever has a token."""

from datetime import timedelta
from typing import Any

import pytest

from tests.unit.http.office import ADMIN, RULES, TENANTS, Office, role
from tests.unit.operations.ward import VISIT, Patient
from workerless import Payload
from workerless.execution.context import JobContext
from workerless.http.settings import HttpSettings
from workerless.http.surface import Scope
from workerless.worker import worker

DAY = timedelta(days=1)
YES = {"data": {"by": "grace"}}
OPEN = HttpSettings(callers=RULES, tokens=True)


class Word(Payload):
    """Somebody's word."""

    by: str


class Waiting:
    """An office whose jobs wait for a word, and the tokens that they gave away."""

    def __init__(self, settings: HttpSettings = OPEN) -> None:
        self.office = Office(settings)
        self.tokens: list[str] = []
        self.words: list[Word | None] = []
        self.office.ward.stage.use(worker(VISIT)(self._wait))

    def _wait(self, _: Patient, job: JobContext) -> None:
        self.tokens.append(job.token("word", expires_in=DAY))
        self.words.append(job.wait_for("word", Word, timeout=2 * DAY))

    def job(self, *, by: str = ADMIN) -> str:
        job_id = self.office.enqueue(1, by=by)
        self.office.ward.stage.drain()
        return job_id

    def ask(self, path: str, body: Any = None, *, by: str | None = ADMIN) -> tuple[int, Any]:
        answer = self.office.ask(path, body, by=by)
        self.office.ward.stage.drain()
        return answer


@pytest.fixture
def waiting() -> Waiting:
    return Waiting()


def test_event_is_taken_and_the_job_goes_on(waiting: Waiting) -> None:
    job_id = waiting.job()
    _, before = waiting.ask(f"GET /jobs/{job_id}")

    answer = waiting.ask(f"POST /jobs/{job_id}/events/word", YES)

    assert (before["state"], before["failedReason"]) == ("scheduled", "event:word")
    assert answer == (202, {"jobId": job_id, "name": "word"})
    assert waiting.words == [Word(by="grace")]
    (entry,) = waiting.office.ward.ledger.entries(limit=1).items
    assert (entry.verb, entry.on, entry.why) == ("event", f"job {job_id}", "word")


def test_second_one_is_told_that_it_is_none(waiting: Waiting) -> None:
    job_id = waiting.job()
    waiting.ask(f"POST /jobs/{job_id}/events/word", YES)

    again, _ = waiting.ask(f"POST /jobs/{job_id}/events/word", YES)
    other, problem = waiting.ask(f"POST /jobs/{job_id}/events/word", {"data": {"by": "eve"}})

    assert (again, other, problem["code"]) == (202, 409, "wrong_state")


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("word", {"data": {"by": "x" * 5_000}}, "data"),
        ("a:b", YES, "name"),
        ("word", {"date": {}}, "body.date"),
    ],
)
def test_what_cannot_be_is_refused(waiting: Waiting, path: str, body: Any, field: str) -> None:
    status, problem = waiting.ask(f"POST /jobs/{waiting.job()}/events/{path}", body)

    assert (status, problem["field"]) == (400, field)


def test_bearer_of_a_token_sends_its_event_and_sees_nothing(waiting: Waiting) -> None:
    waiting.job(by=role(TENANTS[0], Scope.ENQUEUE))

    answer = waiting.ask(f"POST /events/{waiting.tokens[0]}", YES, by=None)

    assert answer == (202, {"status": "taken"})
    assert waiting.words == [Word(by="grace")]
    (entry,) = waiting.office.ward.ledger.entries(limit=1).items
    assert (entry.by, entry.verb, entry.why) == ("token", "event", "word")
    assert waiting.tokens[0] not in repr(entry)


def test_guesses_write_nothing(waiting: Waiting) -> None:
    waiting.job()

    waiting.ask("POST /events/guess", YES, by=None)

    assert waiting.office.ward.ledger.entries(limit=10).items == ()


def test_all_tokens_of_one_wait_decide_once(waiting: Waiting) -> None:
    job_id = waiting.job()
    waiting.office.ward.stage.client.promote(job_id)
    waiting.office.ward.stage.drain()
    first, second = waiting.tokens

    statuses = [
        waiting.ask(f"POST /events/{token}", {"data": {"by": token}}, by=None)
        for token in (second, first)
    ]

    assert [status for status, _ in statuses] == [202, 409]
    assert job_id not in repr(statuses)
    assert waiting.words == [Word(by=second)]


def test_token_is_good_for_a_while(waiting: Waiting) -> None:
    waiting.job()
    waiting.office.ward.clock.advance(DAY)

    assert waiting.ask(f"POST /events/{waiting.tokens[0]}", YES, by=None)[0] == 404


@pytest.mark.parametrize("path", ["POST /events/guess", "POST /events/", "POST /events/a/b"])
def test_no_token_opens_nothing(waiting: Waiting, path: str) -> None:
    waiting.job()

    assert waiting.ask(path, YES, by=None)[0] == 404
    assert waiting.ask(f"GET /events/{waiting.tokens[0]}", by=None)[0] == 404


@pytest.mark.parametrize("body", [{"data": 1}, {"data": {}, "more": 1}, [1]])
def test_what_a_bearer_sends_is_checked(waiting: Waiting, body: Any) -> None:
    waiting.job()

    assert waiting.ask(f"POST /events/{waiting.tokens[0]}", body, by=None)[0] == 400


def test_door_is_shut_unless_the_stage_opens_it() -> None:
    waiting = Waiting(HttpSettings(callers=RULES))
    waiting.job()

    assert waiting.ask(f"POST /events/{waiting.tokens[0]}", YES, by=None)[0] == 404
    assert waiting.words == []
