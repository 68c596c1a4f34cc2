"""Bulk operations at their limits: job types that go, jobs that come back, lists without end."""

from dataclasses import replace
from datetime import timedelta

from tests.unit.operations.ward import DEAD, Ward
from workerless.ledger import Kind, Operation, Phase, Stand, Taken
from workerless.operations.chunk import carry_out
from workerless.operations.driver import advance
from workerless.operations.outcome import Result
from workerless.search import Count, Hits, Search
from workerless.states import State
from workerless.testing.directory import InMemoryDirectory
from workerless.testing.store import InMemoryStore


def _begun(ward: Ward, kind: Kind) -> str:
    return ward.operations.bulk.start(kind, DEAD).operation_id


def _driven(operation_id: str, ward: Ward, directory: InMemoryDirectory) -> Operation:
    return advance(operation_id, ward.at(directory=directory), lambda: True, driver="d")


def test_operation_stops_once_its_job_type_is_gone_and_goes_on_once_it_is_back() -> None:
    ward = Ward()
    ward.kill(3)
    begun = _begun(ward, Kind.RETRY)

    stopped = _driven(begun, ward, InMemoryDirectory())
    ward.operations.bulk.resume(begun)
    done = ward.drive()

    assert stopped.stand is Stand.STOPPED
    assert "no job type 'visit'" in (stopped.ended_because or "")
    assert (done.stand, done.counts.done) == (Stand.DONE, 3)


def test_dead_jobs_of_a_type_that_is_gone_meanwhile_are_discarded() -> None:
    ward = Ward()
    ward.kill(3)

    done = _driven(_begun(ward, Kind.DISCARD), ward, InMemoryDirectory())

    assert (done.stand, done.phase, done.counts.done) == (Stand.DONE, Phase.LETTERS, 3)


def test_job_that_an_operation_retried_is_not_retried_by_it_again() -> None:
    """It failed after the start, by a clock that is behind."""
    ward = Ward()
    (job_id,) = ward.kill(1)
    operation = ward.operations.bulk.get(_begun(ward, Kind.RETRY))
    ward.drive()
    ward.stage.run_all()
    late = replace(
        operation,
        search=replace(operation.search, until=ward.clock.now() + timedelta(hours=1)),
        in_hand=(Taken(job_id=job_id, generation=2),),
    )

    (outcome,) = carry_out(late, ward.desk)

    assert outcome.result is Result.SKIPPED
    assert ward.states() == {State.FAILED: 1}


class Endless(InMemoryStore):
    """None of its many jobs fits; each page is read at a price."""

    pages = 0

    def search(self, search: Search, *, limit: int = 100, cursor: str | None = None) -> Hits:
        self.pages += 1
        return Hits(rows=(), cursor="more")


def test_counting_what_hardly_fits_ends_and_says_so() -> None:
    ward = Ward()
    store = Endless(ward.clock)
    operations = ward.open(ward.at(store=store))

    count = operations.bulk.count(Kind.RETRY, replace(DEAD, text="rare"))

    assert count == Count(number=0, at_least=True)
    assert store.pages <= 20
