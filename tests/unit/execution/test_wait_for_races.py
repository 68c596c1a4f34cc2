"""The event is sent, or a process dies, between any two calls: the job has it, and soon."""

from collections.abc import Callable, MutableMapping
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import Any, cast

import pytest

from tests.unit.execution.approving import EXPENSE, Approval, Expense, Office
from workerless.eventing import Post
from workerless.testing.crash import ProcessDeath

YES = Approval(by="grace")
# A dead attempt's lease, and the sweeper's looks.
SOON = timedelta(hours=1)
MOST_CALLS = 12
# What a worker asks; all else is asked by who plays the sweeper and Lambda.
ASKED = {"claim_many", "finish_many", "remember", "get", "put", "void"}
# And a sender.
SENT = {"get_many", "put", "tell", "send_many"}


class Interrupted:
    """A port before whose calls something happens: ``at`` says what, by the call's number."""

    def __init__(
        self,
        port: Any,
        calls: list[str],
        at: MutableMapping[int, Callable[[], object]],
        names: set[str] = ASKED,
    ) -> None:
        self._port = port
        self._calls = calls
        self._at = at
        self._names = names

    def __getattr__(self, name: str) -> Any:
        function = getattr(self._port, name)
        if name not in self._names:
            return function

        def call(*args: Any, **kwargs: Any) -> Any:
            self._at.pop(len(self._calls) + 1, lambda: None)()
            self._calls.append(name)
            return function(*args, **kwargs)

        return call


def die() -> None:
    raise ProcessDeath


class Scene:
    """An office whose worker's calls are counted, and a sender whom they do not concern."""

    def __init__(self) -> None:
        self.office = Office()
        self.calls: list[str] = []
        self.at: dict[int, Callable[[], object]] = {}
        doubles = self.office.stage.doubles
        self.sender = doubles.client()
        self.sender_calls: list[str] = []
        self.whole = doubles.store, doubles.events, doubles.queue
        doubles.store = cast("Any", Interrupted(doubles.store, self.calls, self.at))
        doubles.events = cast("Any", Interrupted(doubles.events, self.calls, self.at))
        self.job = self.sender.enqueue(EXPENSE, Expense(), job_id="job-1")

    def send(self) -> None:
        self.sender.job("job-1").send_event("approved", YES)

    def send_and_die(self) -> None:
        self.send()
        die()

    def die_sending(self, dies_at: int) -> None:
        """As ``send``, by a process that dies before its call of that number."""
        doubles = self.office.stage.doubles
        at: dict[int, Callable[[], object]] = {dies_at: die}
        store, events, queue = (
            cast("Any", Interrupted(one, self.sender_calls, at, SENT)) for one in self.whole
        )
        post = Post(
            store=store,
            events=events,
            queue=queue,
            directory=doubles.directory,
            clock=doubles.clock,
        )
        with suppress(ProcessDeath):
            post.send("job-1", "approved", YES)

    def ends(self) -> bool:
        """Whether it does within an hour, and by what was sent."""
        self.office.stage.advance(SOON)
        done = self.job.status()
        return done.result is not None and done.result.by == "grace"


def test_event_is_had_whenever_it_is_sent() -> None:
    for number in range(1, MOST_CALLS):
        scene = Scene()
        scene.at[number] = scene.send
        with scene.office.stage as stage:
            stage.drain()
            if scene.at:
                scene.at.clear()
                scene.send()

            assert scene.ends(), (number, scene.calls)


@pytest.mark.parametrize("dies_at", range(1, MOST_CALLS))
def test_event_is_had_whoever_dies_where(dies_at: int) -> None:
    for number in range(1, MOST_CALLS):
        scene = Scene()
        scene.at[number] = scene.send
        scene.at[dies_at] = die if dies_at != number else scene.send_and_die
        with scene.office.stage as stage:
            stage.advance(SOON)
            if number in scene.at:
                scene.at.clear()
                scene.send()

            assert scene.ends(), (number, scene.calls)


@pytest.mark.parametrize("dies_at", range(1, 5))
@pytest.mark.parametrize("sends_at", range(1, MOST_CALLS))
def test_event_is_had_though_its_sender_died_once_it_sends_again(
    dies_at: int, sends_at: int
) -> None:
    scene = Scene()
    scene.at[sends_at] = partial(scene.die_sending, dies_at)
    with scene.office.stage as stage:
        stage.drain()

        scene.send()

        assert scene.ends(), scene.calls


def test_sweeper_sends_what_a_sender_did_not() -> None:
    scene = Scene()
    with scene.office.stage as stage:
        stage.drain()

        scene.die_sending(4)

        assert scene.sender_calls == ["get_many", "put", "tell"]
        assert scene.ends()
