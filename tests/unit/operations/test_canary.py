"""The canary: few jobs first, then more, then all, unless too many fail again."""

from datetime import timedelta

from tests.unit.operations.ward import DEAD, Ward
from workerless.ledger import Canary, Kind, Operation, Phase, Stand


def begin(ward: Ward, number: int, canary: Canary | None = None, **options: float) -> str:
    ward.kill(number)
    started = ward.operations.bulk.start(
        Kind.RETRY, DEAD, canary=canary or Canary(stages=(1, 10)), rate=options.get("rate")
    )
    return started.operation_id


def look(ward: Ward) -> Operation:
    """One call of the function that finds what there is to do and no more."""
    return ward.drive(seconds=1)


def test_stages_follow_each_other_once_their_jobs_have_ended() -> None:
    ward = Ward()
    begin(ward, 100)
    ward.cure()

    sent = []
    for _ in range(3):
        sent.append(look(ward).counts.done)
        assert look(ward).counts.done == sent[-1]  # nothing has ended since
        ward.stage.drain()

    assert sent == [1, 11, 100]
    assert look(ward).stand is Stand.DONE


def test_first_job_that_fails_again_stops_it() -> None:
    ward = Ward()
    begin(ward, 100)

    look(ward)
    ward.stage.run_all()
    stopped = look(ward)

    assert (stopped.stand, stopped.counts.done) == (Stand.STOPPED, 1)
    assert stopped.ended_because == "1 of 1 retried jobs that have ended failed again; 10% may"
    (entry,) = ward.operations.audit.list().items
    assert (entry.outcome, entry.number) == ("stopped", 1)


def test_stage_ends_early_once_too_many_have_failed() -> None:
    ward = Ward()
    begin(ward, 30, Canary(stages=(10,), max_failure_ratio=0.1))
    ward.cure()
    look(ward)
    ward.is_ill = lambda number: number in {29, 28}  # the latest are the first
    ward.stage.run_all()

    assert look(ward).stand is Stand.STOPPED


def test_as_many_failures_as_may_be_stop_nothing() -> None:
    ward = Ward()
    begin(ward, 30, Canary(stages=(10,), max_failure_ratio=0.1))
    ward.is_ill = lambda number: number == 29

    for _ in range(4):
        look(ward)
        ward.stage.drain()

    assert look(ward).stand is Stand.DONE


def test_all_are_stopped_when_jobs_fail_along_the_way() -> None:
    ward = Ward()
    begin(ward, 300, Canary(stages=(2,)), rate=20.0)
    ward.cure()
    for _ in range(3):
        look(ward)
        ward.stage.drain()
    ward.is_ill = lambda _: True

    for _ in range(6):
        last = look(ward)
        ward.stage.run_all()

    assert last.stand is Stand.STOPPED
    assert last.counts.done < 150


def test_resumed_canary_tries_its_stage_with_other_jobs() -> None:
    ward = Ward()
    operation_id = begin(ward, 30)
    look(ward)
    ward.stage.run_all()
    look(ward)
    ward.cure()

    ward.clock.advance(timedelta(seconds=1))
    ward.operations.bulk.resume(operation_id)
    second = look(ward)

    assert (second.stand, second.phase, second.counts.done) == (Stand.RUNNING, Phase.WATCH, 2)
    for _ in range(4):
        ward.stage.drain()
        last = look(ward)
    assert (last.stand, last.counts.done) == (Stand.DONE, 30)


def test_job_that_somebody_discarded_has_failed() -> None:
    ward = Ward()
    begin(ward, 3, Canary(stages=(1,)))
    first = look(ward)
    ward.stage.run_all()
    ward.operations.dead.discard(first.watched[0].job_id, why="hopeless")

    assert look(ward).stand is Stand.STOPPED


def test_canary_with_fewer_jobs_than_its_stage_ends_well() -> None:
    ward = Ward()
    begin(ward, 4, Canary(stages=(10,)))
    ward.cure()

    look(ward)
    ward.stage.drain()

    assert look(ward).stand is Stand.DONE
