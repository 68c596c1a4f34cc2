"""The record's item: names that must never change, sizes, and shards."""

from datetime import UTC, datetime

import pytest

from workerless.aws.item import to_item, to_record
from workerless.aws.value import Value, expiry, instant, read_expiry, read_instant, size, text
from workerless.due import SHARDS
from workerless.errors import StoreUnavailableError
from workerless.states import State
from workerless.testing.sample import a_lease, a_record


def test_waiting_job_is_in_the_index_of_due_jobs_alone() -> None:
    item = to_item(a_record("job-1"))

    assert item["pk"] == {"S": "JOB#job-1"}
    assert item["sk"] == {"S": "RECORD"}
    assert item["run_at"] == {"N": "1767225600000"}
    assert item["due_at"] == {"N": "1767225690000"}  # when it should have moved
    assert "state_key" not in item
    assert "body" not in item


@pytest.mark.parametrize("state", [state for state in State if state.is_terminal])
def test_ended_job_is_in_the_index_of_states_alone(state: State) -> None:
    item = to_item(a_record(state=state))

    assert item["state_key"] == {"S": f"send_email#{state}#7"}
    assert item["state_at"] == {"S": "001767225600000#job-1"}
    assert not {"due_at", "due_shard"} & item.keys()


def test_shard_of_a_job_never_changes() -> None:
    shards = [to_item(a_record(f"job-{n}"))["due_shard"]["N"] for n in range(8)]

    assert shards == ["1", "7", "5", "3", "0", "6", "4", "2"]


def test_shards_share_the_jobs() -> None:
    shards = {to_item(a_record(f"job-{n}"))["due_shard"]["N"] for n in range(200)}

    assert shards == {str(shard) for shard in range(SHARDS)}


def test_what_is_none_takes_no_room() -> None:
    assert (
        not {"tenant", "result", "errors", "lease_token", "expires_at"} & to_item(a_record()).keys()
    )


def test_instants_are_milliseconds_rounded_down() -> None:
    moment = datetime(2026, 1, 1, 0, 0, 0, 1_999, tzinfo=UTC)

    assert instant(moment) == {"N": "1767225600001"}
    assert read_instant(instant(moment)) == moment.replace(microsecond=1_000)


def test_expiry_is_in_seconds_rounded_up() -> None:
    moment = datetime(2026, 1, 1, 0, 0, 0, 1, tzinfo=UTC)

    assert expiry(moment) == {"N": "1767225601"}
    assert read_expiry(expiry(moment.replace(microsecond=0))) == moment.replace(microsecond=0)


def test_lone_surrogate_is_written_as_its_escape() -> None:
    assert text("a\ud800\x00☃") == {"S": "a\\ud800\x00☃"}


def test_size_counts_names_and_values_in_bytes() -> None:
    values = to_item(a_record(lease=a_lease(alone=True), tenant="☃"))

    assert size("tenant", values["tenant"]) == 6 + 3
    assert size("lease_alone", values["lease_alone"]) == 11 + 1
    assert size("e", {"L": [{"M": {"at": {"N": "12"}}}]}) == 1 + 3 + 1 + 3 + 1 + 2 + 2


@pytest.mark.parametrize("damage", [{"state": text("lost")}, {"attempt": text("one")}])
def test_item_that_is_no_record_is_named(damage: dict[str, Value]) -> None:
    item = {**to_item(a_record()), **damage}

    with pytest.raises(StoreUnavailableError, match="JOB#job-1"):
        to_record(item)
