"""A job stays in its lane, whatever happens to it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workerless import Fail, Fixed, JobType, Lanes, Payload, RetryAfter, Snooze, State, Tracking
from workerless.execution.context import JobContext
from workerless.execution.letter_sweep import sweep_letters
from workerless.ports import Address, Outgoing, SendFailure
from workerless.sending import queue_of
from workerless.testing.stage import InMemoryStage
from workerless.worker import worker

MINUTE = timedelta(minutes=1)
LANES = Lanes({"fast": 3, "main": 2, "slow": 1}, default="main")


class Task(Payload):
    """What a test has done: each attempt takes the next step."""

    steps: tuple[str, ...] = ()


JOB_TYPE = JobType(
    name="task",
    payload=Task,
    retry=Fixed(attempts=4, delay=MINUTE),
    timeout=timedelta(seconds=5),
    concurrency=6,
    lanes=LANES,
)
QUEUES = {
    "fast": "workerless-test-task--fast",
    "main": "workerless-test-task",
    "slow": "workerless-test-task--slow",
}
STEPS: dict[str, Exception] = {
    "snooze": Snooze(MINUTE),
    "park": Snooze(timedelta(hours=2)),
    "retry": RetryAfter(2 * MINUTE),
    "raise": ValueError("no"),
    "fail": Fail("no"),
}


class Play:
    """A stage whose jobs take their steps, and every send that was made of it."""

    def __init__(self, job_type: JobType[Any, Any] = JOB_TYPE) -> None:
        self.seen: dict[str, int] = {}
        self.sends: list[tuple[str, Outgoing]] = []
        self.stage = InMemoryStage(worker(job_type)(self._perform))
        queue = self.stage.doubles.queue
        send_many = queue.send_many

        def noted(address: str, messages: Sequence[Outgoing]) -> list[SendFailure | None]:
            self.sends += [(address, message) for message in messages]
            return send_many(address, messages)

        vars(queue)["send_many"] = noted

    def _perform(self, payload: Task, job: JobContext) -> None:
        taken = self.seen[job.job_id] = self.seen.get(job.job_id, -1) + 1
        if taken < len(payload.steps):
            raise STEPS[payload.steps[taken]]

    def sent_to(self) -> set[str]:
        return {address for address, _ in self.sends}


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(sorted(LANES.weights)),
    st.lists(st.sampled_from(sorted(STEPS)), max_size=6),
    st.sampled_from([Tracking.FULL, Tracking.LEAN]),
    st.sampled_from(["crashes", "lives"]),
)
def test_whatever_is_sent_of_a_job_goes_into_its_lane(
    lane: str, steps: list[str], tracking: Tracking, process: str
) -> None:
    job_type = replace(JOB_TYPE, tracking=tracking)
    play = Play(job_type)
    with play.stage as stage:
        if process == "crashes":
            stage.crash_next(job_type)
        job = stage.client.enqueue(job_type, Task(steps=tuple(steps)), lane=lane)
        stage.run_all()

        assert job.status().lane == lane
        dead = stage.doubles.directory.find("task").dead_letters
        assert play.sent_to() <= {QUEUES[lane], dead}


@pytest.mark.parametrize("tracking", [Tracking.FULL, Tracking.OFF])
def test_message_close_to_its_fuse_is_replaced_in_its_lane(tracking: Tracking) -> None:
    job_type = replace(JOB_TYPE, tracking=tracking)
    play = Play(job_type)
    with play.stage as stage:
        stage.client.enqueue(job_type, Task(steps=("snooze",) * 60), lane="slow")
        stage.run_all()

    assert len(play.sends) > 1
    assert play.sent_to() == {QUEUES["slow"]}


def test_bare_message_is_of_the_lane_that_it_came_in() -> None:
    play = Play()
    with play.stage as stage:
        stage.doubles.queue.send_many(QUEUES["fast"], [Outgoing(body='{"steps": ["park"]}')])
        stage.run_all()

        (record,) = stage.doubles.store.records()
    assert (record.lane, record.state) == ("fast", State.COMPLETED)
    assert play.sent_to() == {QUEUES["fast"]}


def test_queue_counts_more_than_what_a_foreign_message_says() -> None:
    event = (
        '{"specversion": "1.0", "id": "x", "source": "shop", "type": "task", "priority": "slow",'
        ' "data": {"steps": ["park"]}}'
    )
    play = Play()
    with play.stage as stage:
        stage.doubles.queue.send_many(QUEUES["fast"], [Outgoing(body=event)])
        stage.run_all()

    assert play.sent_to() == {QUEUES["fast"]}


def test_lines_name_the_lanes_queue() -> None:
    play = Play()
    with play.stage as stage:
        stage.client.enqueue(JOB_TYPE, Task(), lane="fast")
        stage.run_all()

        told = {line["queue"] for line in stage.telemetry.transitions}
    assert told == {QUEUES["fast"]}


def test_letter_that_sqs_moved_goes_back_into_its_lane() -> None:
    play = Play()
    with play.stage as stage:
        job = stage.client.enqueue(JOB_TYPE, Task(), lane="slow")
        address = stage.doubles.directory.find("task")
        for _ in range(JOB_TYPE.max_receive_count + 1):  # nobody takes it
            stage.doubles.queue.deliver(QUEUES["slow"])
            stage.clock.advance(JOB_TYPE.visibility_timeout)
        assert len(stage.dead_letters(JOB_TYPE)) == 1

        sweep_letters(address, stage.doubles.sweeper())

        assert play.sent_to() == {QUEUES["slow"]}
        stage.run_all()
        assert job.status().state is State.COMPLETED


def test_lost_message_is_sent_again_into_its_lane_though_another_has_a_line() -> None:
    play = Play()
    with play.stage as stage:
        job = stage.client.enqueue(JOB_TYPE, Task(), lane="slow")
        stage.doubles.queue.purge(QUEUES["slow"])
        address = stage.doubles.directory.find("task")
        stage.doubles.queue.send_many(address.queue, [Outgoing(body="{}", delay=MINUTE)] * 3)
        stage.run_all()

        assert job.status().state is State.COMPLETED
    assert [to for to, _ in play.sends].count(QUEUES["slow"]) == 2


def test_lane_that_is_gone_has_the_default_ones_queue() -> None:
    address = Address(
        job_type="task",
        queue="main",
        dead_letters="dead",
        function="task",
        lanes={"fast": "other", "main": "main"},
    )

    assert [queue_of(address, lane) for lane in ("fast", "main", "gone", None)] == [
        "other",
        "main",
        "main",
        "main",
    ]
