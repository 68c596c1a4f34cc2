"""The double finds what is meant, and nothing else."""

from datetime import timedelta

import pytest

from workerless.errors import WorkerlessError
from workerless.search import Search
from workerless.states import State
from workerless.testing.clock import FakeClock
from workerless.testing.sample import a_record, an_error
from workerless.testing.store import InMemoryStore

FAILED = frozenset({State.FAILED})


def test_search_asks_for_all_that_is_said() -> None:
    store = InMemoryStore(FakeClock())
    error = an_error(message="No such file")
    store.put_many(
        [
            a_record("a", state=State.FAILED, errors=(error,), tenant="acme", tags=("eu", "big")),
            a_record("b", state=State.FAILED, errors=(error,), tenant="other", tags=("eu",)),
            a_record("c", state=State.FAILED, reason="crash_loop"),
            a_record("d", state=State.COMPLETED, tenant="acme"),
        ]
    )

    def found(**said: object) -> list[str]:
        search = Search(job_type="send_email", **{"states": FAILED, **said})  # type: ignore[arg-type]
        return sorted(row.job_id for row in store.search(search).rows)

    assert found() == ["a", "b", "c"]
    assert found(tenant="acme") == ["a"]
    assert found(tags=frozenset({"eu"})) == ["a", "b"]
    assert found(tags=frozenset({"eu", "big"})) == ["a"]
    assert found(error_type="OSError", text="no SUCH") == ["a", "b"]
    assert found(reason="crash_loop") == ["c"]
    assert found(since=FakeClock().now()) == ["a", "b", "c"]
    assert found(until=FakeClock().now()) == []
    assert found(since=FakeClock().now() + timedelta(seconds=1)) == []


@pytest.mark.parametrize(
    "search",
    [
        Search(states=FAILED),
        Search(job_type="send_email"),
        Search(job_type="send_email", states=frozenset({State.FAILED, State.HELD})),
        Search(job_type="send_email", states=frozenset({State.FAILED, State.PENDING})),
    ],
)
def test_search_that_no_index_answers_is_refused(search: Search) -> None:
    with pytest.raises(WorkerlessError, match="a store is searched for one"):
        InMemoryStore(FakeClock()).search(search)
