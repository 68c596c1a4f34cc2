"""UniqueStore: of those who would be the last of a key at the same time, one is."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.contract.conftest import CLOUDS, Cloud, create_table
from workerless.aws.flow.unique import DynamoUniqueStore
from workerless.aws.operator import DynamoOperatorStore
from workerless.frozen import frozen, replace
from workerless.operator_ports import OperatorStore
from workerless.record import Record
from workerless.redrive import Redrive
from workerless.retention import bodiless
from workerless.states import State
from workerless.testing.flow.unique import InMemoryUniqueStore
from workerless.testing.memory import FakeClock, InMemoryStore
from workerless.testing.sample import a_claim, a_finish, a_record
from workerless.transition import cancelled
from workerless.unique_ports import Known, Place, UniqueStore

DAY = timedelta(days=1)


@frozen
class Stores:
    """The records, and the last jobs of their keys."""

    records: OperatorStore
    unique: UniqueStore

    def place(self, record: Record, *, ended: Record | None = None) -> bool:
        return self.place_as(record, self.unique.known_many([record])[0], ended=ended)

    def place_as(self, record: Record, known: Known, *, ended: Record | None = None) -> bool:
        return self.unique.place_many([Place(record=record, known=known, ended=ended)])[0]

    def there(self, job_id: str) -> Record | None:
        return self.records.get_many([job_id])[0]


@pytest.fixture(params=["memory", *CLOUDS])
def stores(
    request: pytest.FixtureRequest, clouds: Callable[[str], Cloud], clock: FakeClock
) -> Stores:
    if request.param == "memory":
        memory = InMemoryStore(clock)
        return Stores(records=memory, unique=InMemoryUniqueStore(memory))
    client = clouds(request.param).dynamodb
    table = create_table(client)
    return Stores(
        records=DynamoOperatorStore(client, table, clock),
        unique=DynamoUniqueStore(client, table, clock),
    )


def unique(job_id: str = "job-1", **changes: object) -> Record:
    return a_record(job_id, **{"unique_key": "k" * 32, **changes})


def test_first_of_a_key_is_put_and_known_as_its_last(stores: Stores) -> None:
    first = unique(body="x" * 2_000, search_keys={"user": "0" * 16})

    (before,) = stores.unique.known_many([first])
    is_placed = stores.place_as(first, before)

    (after,) = stores.unique.known_many([unique("job-2")])
    assert before == Known(own=None, last_id=None, last=None)
    assert is_placed
    assert after == Known(own=None, last_id="job-1", last=bodiless(first))
    assert stores.there("job-1") == first


def test_keys_and_job_types_are_apart(stores: Stores) -> None:
    stores.place(unique())

    others = stores.unique.known_many(
        [unique("job-2", unique_key="l" * 32), unique("job-3", job_type="other")]
    )

    assert [one.last_id for one in others] == [None, None]


def test_of_two_who_found_nobody_one_is_placed(stores: Stores) -> None:
    (known,) = stores.unique.known_many([unique()])

    assert [stores.place_as(unique(one), known) for one in ("job-1", "job-2")] == [True, False]
    assert stores.there("job-2") is None


def test_of_two_who_found_the_same_last_one_is_placed(stores: Stores) -> None:
    stores.place(unique(state=State.COMPLETED))
    (known,) = stores.unique.known_many([unique("job-2")])

    assert [stores.place_as(unique(one), known) for one in ("job-2", "job-3")] == [True, False]
    assert stores.unique.known_many([unique("job-4")])[0].last_id == "job-2"


def test_taken_id_is_known_and_never_overwritten(stores: Stores) -> None:
    stores.records.put_many([a_record(digest="a" * 64)])

    (known,) = stores.unique.known_many([unique()])
    is_placed = stores.place(unique())

    assert known.own == a_record(digest="a" * 64, body="")
    assert not is_placed
    assert stores.unique.known_many([unique("job-2")])[0].last_id is None


def test_last_whose_record_is_gone_is_no_hindrance(stores: Stores, clock: FakeClock) -> None:
    stores.place(unique(state=State.COMPLETED, expires_at=clock.now() + DAY))
    clock.advance(DAY)

    (known,) = stores.unique.known_many([unique("job-2")])

    assert known == Known(own=None, last_id="job-1", last=None)
    assert stores.place_as(unique("job-2"), known)
    assert stores.place(unique("job-1", state=State.COMPLETED)) is True


def test_superseded_job_ends_with_the_placing_of_the_next(stores: Stores, clock: FakeClock) -> None:
    stores.place(unique(state=State.SCHEDULED, run_at=clock.now() + DAY))
    (known,) = stores.unique.known_many([unique("job-2")])
    assert known.last
    ended = cancelled(known.last, at=clock.now(), reason="superseded", expires_at=clock.now() + DAY)

    assert stores.place_as(unique("job-2"), known, ended=ended)

    assert stores.there("job-1") == replace(ended, body="{}")
    assert stores.records.list(State.CANCELLED, job_type="send_email").records == (ended,)
    due = [one.job_id for n in range(8) for one in stores.records.due(n, before=FAR, limit=9)]
    assert due == ["job-2"]


def test_job_that_started_meanwhile_is_not_superseded(stores: Stores, clock: FakeClock) -> None:
    stores.place(unique())
    (known,) = stores.unique.known_many([unique("job-2")])
    assert known.last
    ended = cancelled(known.last, at=clock.now(), reason="superseded", expires_at=clock.now() + DAY)
    clock.advance(DAY)
    stores.records.claim_many([a_claim(now=clock.now())])

    assert not stores.place_as(unique("job-2"), known, ended=ended)
    assert stores.there("job-2") is None


def test_last_that_was_redriven_meanwhile_keeps_its_place(stores: Stores, clock: FakeClock) -> None:
    stores.place(unique(state=State.PENDING))
    clock.advance(DAY)
    (claimed,) = stores.records.claim_many([a_claim(now=clock.now())])
    assert claimed.record
    stores.records.finish_many(
        [a_finish(held=claimed.record, state=State.FAILED, at=clock.now(), reason="rejected")]
    )
    (known,) = stores.unique.known_many([unique("job-2")])
    seen = stores.there("job-1")
    assert seen
    clock.advance(DAY)
    now = clock.now()
    stores.records.redrive_many([Redrive(seen=seen, by="me", at=now, run_at=now)])

    assert not stores.place_as(unique("job-2"), known)


@pytest.mark.parametrize("size", [10, 2_000])
def test_replaced_job_has_the_new_payload_and_its_own_id(
    stores: Stores, clock: FakeClock, size: int
) -> None:
    stores.place(unique(body="x" * 1_500, sent_for=clock.now()))
    (known,) = stores.unique.known_many([unique("job-2")])
    clock.advance(DAY)
    after = unique(
        digest="b" * 64,
        body="y" * size,
        state=State.SCHEDULED,
        run_at=clock.now() + DAY,
        updated_at=clock.now(),
        former_digests=("0" * 64,),
        tags=("new",),
    )

    assert stores.place_as(after, known)

    assert stores.there("job-1") == after
    assert not stores.place_as(after, known)  # it is not as it was known


def test_job_that_has_begun_is_not_replaced(stores: Stores, clock: FakeClock) -> None:
    stores.place(unique())
    (known,) = stores.unique.known_many([unique("job-2")])
    clock.advance(DAY)
    stores.records.claim_many([a_claim(now=clock.now())])

    assert not stores.place_as(unique(digest="b" * 64), known)


def test_key_outlives_the_longest_wait_of_its_job(stores: Stores, clock: FakeClock) -> None:
    stores.place(unique())
    far = clock.now() + 3_000 * DAY
    stores.records.reschedule("job-1", run_at=far, at=clock.now())

    clock.advance(2_999 * DAY)

    assert stores.unique.known_many([unique("job-2")])[0].last_id == "job-1"


FAR = a_record().run_at + 9_999 * DAY
