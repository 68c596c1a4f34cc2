"""Which queue of its job type a message goes to."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from workerless.asked_lane import asked_lane
from workerless.ports import Address, Outgoing, Queue, SendFailure

if TYPE_CHECKING:
    from workerless.priority import Priority


def lane_at(
    address: Address, *, priority: "Priority | int | str | None", lane: str | None
) -> str | None:
    """The lane that is asked for, of those that are deployed. Raises ``EnqueueRefusedError``."""
    default = next((name for name, to in address.lanes.items() if to == address.queue), None)
    return asked_lane(
        address.job_type, address.lanes, default=default, priority=priority, lane=lane
    )


def queue_of(address: Address, lane: str | None) -> str:
    """The queue of a lane; of one that is no longer there, as of none, the default lane's."""
    return address.lanes.get(lane or "", address.queue)


def lane_of(address: Address, arn: str) -> str | None:
    """The lane whose queue has this ARN; None for that of a job type without lanes."""
    name = arn.rpartition(":")[2]
    return next((lane for lane, to in address.lanes.items() if to.rpartition("/")[2] == name), None)


def send_all(
    queue: Queue, address: Address, messages: Sequence[Outgoing]
) -> list[SendFailure | None]:
    """Send each message; None where it was accepted. A call of the port for each lane there is."""
    if not address.lanes:
        return queue.send_many(address.queue, messages)
    by_queue: dict[str, list[int]] = {}
    for number, message in enumerate(messages):
        by_queue.setdefault(queue_of(address, message.lane), []).append(number)
    answers: list[SendFailure | None] = [None] * len(messages)
    for to, numbers in by_queue.items():
        told = queue.send_many(to, [messages[number] for number in numbers])
        for number, answer in zip(numbers, told, strict=True):
            answers[number] = answer
    return answers
