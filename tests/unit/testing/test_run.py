"""InMemoryStage: jobs run as they do in production, and time moves by itself or when told to."""

from datetime import timedelta

import pytest

from tests.unit.testing.office import LETTER, MINUTE, STAMP, Letter, Office, Sent, Stamp
from workerless import Hooks, State
from workerless.errors import EnqueueRefusedError, JobConflictError, UnknownJobTypeError
from workerless.testing.clock import START
from workerless.testing.memory import FakeClock
from workerless.testing.outcomes import Outcomes
from workerless.testing.stage import InMemoryStage
from workerless.worker import worker


def test_run_gives_the_typed_result(stage: InMemoryStage) -> None:
    status = stage.run(LETTER, Letter(to="Ada"), tenant="acme")

    assert (status.state, status.attempt, status.tenant) == (State.COMPLETED, 1, "acme")
    assert status.result == Sent(number=1)


def test_run_plays_every_retry_on_the_virtual_clock(stage: InMemoryStage, office: Office) -> None:
    office.ill = {"Ada": 2}

    status = stage.run(LETTER, Letter(to="Ada"))

    assert (status.state, status.attempt) == (State.COMPLETED, 3)
    assert [error.error_type for error in status.errors] == ["OSError", "OSError"]
    assert stage.clock.now() == START + 40 * MINUTE


@pytest.mark.parametrize(
    ("to", "state", "reason"),
    [
        ("nobody", State.FAILED, "rejected"),
        ("storm", State.FAILED, "attempts_exhausted"),
        ("gone", State.DISCARDED, "moved away"),
    ],
)
def test_run_tells_how_a_job_ended_and_raises_nothing(
    stage: InMemoryStage, to: str, state: State, reason: str
) -> None:
    status = stage.run(LETTER, Letter(to=to))

    assert (status.state, status.failed_reason) == (state, reason)


def test_run_takes_the_options_of_enqueue(stage: InMemoryStage) -> None:
    status = stage.run(LETTER, Letter(to="storm"), job_id="mine", delay=30 * MINUTE, attempts=1)

    assert (status.id, status.max_attempts, len(status.errors)) == ("mine", 1, 1)
    assert status.started_at == START + 30 * MINUTE


def test_run_refuses_what_the_client_refuses(stage: InMemoryStage) -> None:
    stage.run(LETTER, Letter(to="Ada"), job_id="mine")

    with pytest.raises(EnqueueRefusedError, match="attempts"):
        stage.run(LETTER, Letter(to="Ada"), attempts=9)
    with pytest.raises(JobConflictError, match="mine"):
        stage.run(LETTER, Letter(to="Bob"), job_id="mine")


def test_run_names_the_job_type_that_has_no_worker(stage: InMemoryStage) -> None:
    with pytest.raises(UnknownJobTypeError, match=r"nobody runs jobs of 'stamp'.*only of: letter"):
        stage.run(STAMP, Stamp())


def test_drain_runs_what_is_ready_and_counts_how_it_ended(
    stage: InMemoryStage, office: Office
) -> None:
    for to in ("Ada", "nobody", "gone", "storm", "asleep", "Bob"):
        stage.client.enqueue(LETTER, Letter(to=to))
    stage.client.enqueue(LETTER, Letter(to="later"), delay=MINUTE)

    outcomes = stage.drain()

    assert outcomes == Outcomes(completed=2, failed=1, discarded=1, retried=1, snoozed=1)
    assert office.out == ["Ada", "Bob"]
    assert stage.clock.now() == START


def test_drain_runs_what_follows_from_a_job(stage: InMemoryStage, office: Office) -> None:
    def chain(letter: Letter) -> Sent:
        stage.client.enqueue(LETTER, Letter(to=letter.to[1:])) if letter.to else None
        return Sent(number=len(letter.to))

    stage.use(worker(LETTER)(chain))
    stage.client.enqueue(LETTER, Letter(to="Ada"))

    assert stage.drain() == Outcomes(completed=4)


def test_drain_stops_at_its_limit(stage: InMemoryStage, office: Office) -> None:
    stage.client.enqueue_many(LETTER, [Letter(to=to) for to in "abc"])

    first, second = stage.drain(limit=1), stage.drain()

    assert (first, second) == (Outcomes(completed=1), Outcomes(completed=2))
    assert office.out == ["a", "b", "c"]


def test_advance_runs_each_job_at_its_time(stage: InMemoryStage, office: Office) -> None:
    for to, delay in (("third", 30 * MINUTE), ("first", MINUTE), ("second", 10 * MINUTE)):
        stage.client.enqueue(LETTER, Letter(to=to), delay=delay)

    early = stage.advance(10 * MINUTE - timedelta(seconds=1))
    late = stage.advance(timedelta(hours=2))

    assert (early, late) == (Outcomes(completed=1), Outcomes(completed=2))
    assert office.out == ["first", "second", "third"]
    assert stage.clock.now() == START + timedelta(hours=2, minutes=10, seconds=-1)


def test_parked_job_is_sent_by_the_sweeper_and_starts_on_time(stage: InMemoryStage) -> None:
    job = stage.client.enqueue(LETTER, Letter(to="Ada"), delay=timedelta(days=400))

    stage.advance(timedelta(days=400))

    assert job.status().started_at == START + timedelta(days=400)
    assert [line["event"] for line in stage.telemetry.transitions].count("job.sent") == 1


def test_clock_moved_by_hand_leaves_jobs_that_are_late(
    stage: InMemoryStage, office: Office
) -> None:
    stage.client.enqueue(LETTER, Letter(to="Ada"), delay=timedelta(hours=3))
    stage.clock.advance(timedelta(hours=5, seconds=7))

    assert stage.drain() == Outcomes(completed=1)


def test_run_all_plays_until_nobody_is_left(stage: InMemoryStage) -> None:
    stage.client.enqueue(LETTER, Letter(to="asleep"))
    stage.client.enqueue(LETTER, Letter(to="storm"))

    outcomes = stage.run_all()

    assert outcomes == Outcomes(completed=1, snoozed=7, failed=1, retried=2)


def test_jobs_without_a_worker_only_wait(stage: InMemoryStage) -> None:
    stage.client.enqueue(STAMP, Stamp(), delay=timedelta(hours=1))

    assert stage.run_all() == Outcomes()
    assert stage.advance(timedelta(days=2)) == Outcomes()
    stage.assert_enqueued(STAMP, delay=timedelta(0))


def test_job_that_never_ends_is_named(stage: InMemoryStage) -> None:
    with pytest.raises(AssertionError, match="letter job-1 was started 1,000 times and has not"):
        stage.run(LETTER, Letter(to="limbo"))


def test_advance_plays_a_part_of_what_never_ends(stage: InMemoryStage) -> None:
    stage.client.enqueue(LETTER, Letter(to="limbo"))

    assert stage.advance(timedelta(days=1)).snoozed == 1 + 24 * 60


def test_wait_moves_the_clock_and_jobs_run_meanwhile(stage: InMemoryStage) -> None:
    job = stage.client.enqueue(LETTER, Letter(to="Ada"), delay=MINUTE)

    assert job.wait().result == Sent(number=1)
    assert MINUTE <= stage.clock.now() - START < 2 * MINUTE


def test_handler_that_waits_for_a_job_gets_what_production_would_give(
    stage: InMemoryStage,
) -> None:
    def wait(letter: Letter) -> Sent:
        stage.client.enqueue(LETTER, Letter(to="child")).wait(MINUTE)
        return Sent(number=0)

    stage.use(worker(LETTER)(wait))

    status = stage.run(LETTER, Letter(to="Ada"), attempts=1)

    assert [error.error_type for error in status.errors] == ["WaitTimeoutError"]


def test_stage_that_a_handler_asks_to_play_says_that_it_cannot(stage: InMemoryStage) -> None:
    def play(letter: Letter) -> Sent:
        stage.run(LETTER, Letter(to="child"))
        return Sent(number=0)

    stage.use(worker(LETTER)(play))

    status = stage.run(LETTER, Letter(to="Ada"), attempts=1)

    assert [error.message for error in status.errors] == [
        "job 'job-2' is pending, and nothing moves it on"
    ]


def test_message_of_any_program_can_be_run(stage: InMemoryStage) -> None:
    bare = stage.run_message(LETTER, '{"to": "Ada", "unknown": 1}')
    broken = stage.run_message(LETTER, "not JSON")

    assert bare.result == Sent(number=1)
    assert (broken.state, broken.failed_reason) == (State.FAILED, "not_json")


def test_message_that_leads_to_no_job_is_told(stage: InMemoryStage) -> None:
    event = '{"specversion":"1.0","id":"mine","source":"x","type":"letter","data":{"to":"%s"}}'
    stage.run_message(LETTER, event.replace("%s", "Ada"))

    with pytest.raises(AssertionError, match=r"led to no new job.*id_taken"):
        stage.run_message(LETTER, event.replace("%s", "Bob"))
    with pytest.raises(AssertionError, match="SQS would refuse"):
        stage.run_message(LETTER, "\x00")
    with pytest.raises(UnknownJobTypeError, match="stamp"):
        stage.run_message(STAMP, "{}")


def test_failed_jobs_and_their_dead_letters_can_be_read(stage: InMemoryStage) -> None:
    stage.run(LETTER, Letter(to="Ada"))
    stage.run(LETTER, Letter(to="storm"), job_id="lost")

    assert [status.id for status in stage.failed(LETTER)] == ["lost"]
    [letter] = stage.dead_letters(LETTER)
    assert (letter.job_id, letter.reason) == ("lost", "attempts_exhausted")
    assert (letter.error_type, letter.error_message) == ("OSError", "")
    assert len(letter.fingerprint) == 16
    assert letter.attempts == 3
    assert '"storm"' in letter.body


def test_worker_starts_once_and_again_after_a_crash(office: Office) -> None:
    started: list[int] = []
    made = worker(LETTER, on_init=lambda: started.append(1))(office.send)

    with InMemoryStage(made) as stage:
        assert started == []
        stage.run(LETTER, Letter(to="Ada"))
        stage.run(LETTER, Letter(to="Bob"))
        assert started == [1]
        stage.crash_next(LETTER)
        stage.run(LETTER, Letter(to="Eve"))

    assert started == [1, 1]


def test_crash_runs_a_job_twice_and_ends_it_once(stage: InMemoryStage, office: Office) -> None:
    ends: list[str] = []
    hooks = Hooks(on_success=lambda info, _result: ends.append(info.job_id))
    stage.use(worker(LETTER, hooks=[hooks])(office.send))
    stage.crash_next(LETTER)
    stage.client.enqueue(LETTER, Letter(to="Ada"), job_id="mine")

    assert stage.drain() == Outcomes(crashed=1)
    assert stage.run_all().completed == 1
    assert (office.out, ends) == (["Ada", "Ada"], ["mine"])


def test_crash_waits_for_a_job_that_completes(stage: InMemoryStage, office: Office) -> None:
    stage.crash_next(LETTER)

    stage.run(LETTER, Letter(to="nobody"))

    assert stage.is_doomed()


def test_clock_can_be_shared_and_starts_where_told() -> None:
    clock = FakeClock(START + timedelta(days=3))

    with InMemoryStage(STAMP, clock=clock) as stage:
        assert stage.client.enqueue(STAMP, Stamp()).status().enqueued_at == clock.now()


def test_outcomes_say_what_happened() -> None:
    assert str(Outcomes(completed=2, crashed=1)) == "2 completed, 1 crashed"
    assert str(Outcomes()) == "nothing ran"
