"""Every change of every record, as the table itself recorded it, and the laws it must obey.

The table's stream is no part of the library: it shows what was written, whoever says what.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from workerless.states import State, may_become


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What a record showed at one moment; ``holder`` is the token of its lease."""

    state: State
    attempt: int
    max_attempts: int
    holder: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One write; ``old`` None is the record's creation."""

    job_id: str
    old: Look | None
    new: Look


def read(client: Any, stream: str) -> list[Change]:
    """The whole stream, in order; ``client`` is boto3's of DynamoDB Streams."""
    return [
        Change(
            job_id=record["NewImage"]["job_id"]["S"],
            old=_look(record["OldImage"]) if "OldImage" in record else None,
            new=_look(record["NewImage"]),
        )
        for record in _records(client, stream)
        if record.get("NewImage", {}).get("sk") == {"S": "RECORD"}
    ]


def violations(changes: Iterable[Change]) -> list[str]:
    """Every broken law, named with its job."""
    found: list[str] = []
    ends: Counter[tuple[str, State]] = Counter()
    for change in changes:
        found += [f"{change.job_id}: {law}" for law in _broken(change)]
        if change.new.state.is_terminal and not (change.old and change.old.state.is_terminal):
            ends[change.job_id, change.new.state] += 1
    found += [
        f"{job_id}: ended {n} times as {state}" for (job_id, state), n in ends.items() if n > 1
    ]
    return found


def _broken(change: Change) -> Iterator[str]:
    old, new = change.old, change.new
    if new.attempt > new.max_attempts:
        yield f"attempt {new.attempt} of {new.max_attempts}"
    if old is None:
        if new.state.is_terminal:
            yield f"made as {new.state}"
        return
    if old.state is not new.state and not may_become(old.state, new.state):
        yield f"{old.state} became {new.state}"
    if old.state is State.PROCESSING is not new.state and old.holder != new.holder:
        yield f"{new.state} was written by who did not hold the lease"


def _look(image: Mapping[str, Any]) -> Look:
    return Look(
        state=State(image["state"]["S"]),
        attempt=int(image["attempt"]["N"]),
        max_attempts=int(image["max_attempts"]["N"]),
        holder=image["lease_token"]["S"] if "lease_token" in image else None,
    )


def _records(client: Any, stream: str) -> Iterator[Mapping[str, Any]]:
    shards = client.describe_stream(StreamArn=stream)["StreamDescription"]["Shards"]
    for shard in shards:
        iterator: str | None = client.get_shard_iterator(
            StreamArn=stream, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
        )["ShardIterator"]
        while iterator:
            page = client.get_records(ShardIterator=iterator)
            yield from (record["dynamodb"] for record in page["Records"])
            iterator = page.get("NextShardIterator") if page["Records"] else None
