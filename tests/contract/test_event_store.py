"""EventStore: the first of a name stands, and who waits for it is called, in memory and a table."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.contract.conftest import CLOUDS, Cloud, create_table
from workerless.aws.events import DynamoEvents
from workerless.aws.operator import DynamoOperatorStore
from workerless.aws.table import Table
from workerless.errors import JobNotFoundError
from workerless.event import Event, Token, missed, sent, token_digest
from workerless.event_ports import EventStore
from workerless.frozen import frozen, replace
from workerless.operator_ports import OperatorStore
from workerless.record import Record
from workerless.search import Search
from workerless.states import State
from workerless.testing.events import InMemoryEvents
from workerless.testing.memory import FakeClock, InMemoryStore
from workerless.testing.sample import a_claim, a_finish, a_lease, a_record
from workerless.transition import Finish

DAY = timedelta(days=1)
NAME = "approved"


@frozen
class Stores:
    """The records, and what was decided of their events."""

    records: OperatorStore
    events: EventStore
    clock: FakeClock

    def claimed(self, job_id: str = "job-1") -> Record:
        self.records.put_many([a_record(job_id)])
        (claim,) = self.records.claim_many([a_claim(job_id)])
        assert claim.record is not None
        return claim.record

    def park(self, held: Record) -> bool:
        return self.records.finish_many([self.parking(held)])[0]

    def parking(self, held: Record) -> Finish:
        now = self.clock.now()
        return a_finish(
            held=held,
            state=State.SCHEDULED,
            at=now,
            run_at=now + DAY,
            refund=True,
            reason=f"event:{NAME}",
            if_untold=True,
        )

    def there(self, job_id: str = "job-1") -> Record:
        (record,) = self.records.get_many([job_id])
        assert record is not None
        return record


@pytest.fixture(params=["memory", *CLOUDS])
def stores(
    request: pytest.FixtureRequest, clouds: Callable[[str], Cloud], clock: FakeClock
) -> Stores:
    if request.param == "memory":
        memory = InMemoryStore(clock)
        return Stores(records=memory, events=InMemoryEvents(memory, clock), clock=clock)
    client = clouds(request.param).dynamodb
    table = create_table(client)
    return Stores(
        records=DynamoOperatorStore(client, table, clock),
        events=DynamoEvents(Table(client, table, clock), clock),
        clock=clock,
    )


def an_event(clock: FakeClock, data: str = '{"by":"é"}') -> Event:
    now = clock.now()
    return replace(sent(a_record("job-1"), NAME, data, now), expires_at=now + DAY)


def a_miss(clock: FakeClock, generation: int = 1) -> Event:
    now = clock.now()
    miss = missed(a_record("job-1", generation=generation), NAME, now)
    return replace(miss, expires_at=now + DAY)


def test_what_was_kept_is_what_is_found(stores: Stores) -> None:
    event = an_event(stores.clock)

    assert stores.events.get("job-1", NAME) is None
    assert stores.events.put(event) == event
    assert stores.events.get("job-1", NAME) == event
    assert stores.events.get("job-1", "other") is None
    assert stores.events.get("job-2", NAME) is None


def test_first_one_stands(stores: Stores) -> None:
    first = stores.events.put(an_event(stores.clock))

    assert stores.events.put(an_event(stores.clock, '{"by":"eve"}')) == first
    assert stores.events.put(a_miss(stores.clock)) == first
    assert stores.events.put(a_miss(stores.clock, generation=2)) == first


def test_missed_one_is_missed_in_its_generation_only(stores: Stores) -> None:
    miss = stores.events.put(a_miss(stores.clock))
    late = an_event(stores.clock)
    redriven = replace(late, generation=2)

    assert stores.events.put(late) == miss
    assert stores.events.put(redriven) == redriven


def test_void_one_makes_way_for_another(stores: Stores) -> None:
    event = stores.events.put(an_event(stores.clock))
    stores.events.void(event)
    voided = stores.events.get("job-1", NAME)
    other = an_event(stores.clock, '{"by":"eve"}')

    assert voided == replace(event, void=True)
    assert stores.events.put(other) == other
    stores.events.void(event)  # which no longer stands
    assert stores.events.get("job-1", NAME) == other


def test_event_past_its_time_is_none(stores: Stores) -> None:
    stores.events.put(an_event(stores.clock))
    stores.clock.advance(DAY)
    other = an_event(stores.clock, '{"by":"eve"}')

    assert stores.events.get("job-1", NAME) is None
    assert stores.events.put(other) == other


def test_job_that_waits_for_it_runs_now(stores: Stores) -> None:
    assert stores.park(stores.claimed())
    waits = Search(
        job_type="send_email", states=frozenset({State.SCHEDULED}), reason=f"event:{NAME}"
    )
    assert [one.job_id for one in stores.records.search(waits).rows] == ["job-1"]
    stores.clock.advance(timedelta(minutes=1))
    now = stores.clock.now()

    other = stores.events.tell("job-1", "other", now)
    woken = stores.events.tell("job-1", NAME, now)
    again = stores.events.tell("job-1", NAME, now)

    assert (other, again) == (None, None)
    assert woken is not None
    assert (woken.state, woken.run_at, woken.reason) == (State.SCHEDULED, now, None)
    assert stores.there().run_at == now


def test_job_that_was_told_while_it_ran_does_not_begin_to_wait(stores: Stores) -> None:
    held = stores.claimed()

    assert stores.events.tell("job-1", NAME, stores.clock.now()) is None

    assert not stores.park(held)
    assert stores.there().state is State.PROCESSING
    plainly = replace(stores.parking(held), if_untold=False)
    assert stores.records.finish_many([plainly]) == [True]


def test_what_was_told_before_the_claim_does_not_keep_it_from_waiting(stores: Stores) -> None:
    held = stores.claimed()
    stores.events.tell("job-1", NAME, stores.clock.now())
    now = stores.clock.now()
    back = a_finish(held=held, state=State.SCHEDULED, at=now, run_at=now)
    assert stores.records.finish_many([back]) == [True]
    (claim,) = stores.records.claim_many([a_claim(now=now, lease=a_lease("two"))])
    assert claim.record is not None

    assert stores.park(claim.record)
    assert stores.park(claim.record)  # its answer was lost


def test_job_that_was_called_off_while_it_ran_does_not_begin_to_wait(stores: Stores) -> None:
    held, now = stores.claimed(), stores.clock.now()
    stores.records.cancel("job-1", at=now, reason="no budget", expires_at=now + DAY)

    assert not stores.park(held)


def test_nobody_is_told_who_is_not_there(stores: Stores) -> None:
    with pytest.raises(JobNotFoundError):
        stores.events.tell("job-1", NAME, stores.clock.now())


def test_token_is_good_until_its_time_is_over(stores: Stores) -> None:
    digest = token_digest("secret")
    token = Token(job_id="job-1", name=NAME, expires_at=stores.clock.now() + DAY)
    stores.events.put_token(digest, token)

    assert stores.events.token(digest) == token
    assert stores.events.token(token_digest("other")) is None
    stores.clock.advance(DAY)
    assert stores.events.token(digest) is None
