"""What runs were made with is read once, and forgotten when there is no more room."""

import json
from dataclasses import replace

import pytest

from tests.unit.orchestration.mill import grind, pack
from workerless import summary_of_batch
from workerless.errors import ResultMissingError, WorkerlessError
from workerless.orchestration.definitions import Definitions
from workerless.testing.stage import InMemoryStage
from workerless.workflow.build import chain
from workerless.workflow.callbacks import write_callbacks
from workerless.workflow.compiling import definition_of
from workerless.workflow.definition import Definition
from workerless.workflow.tasking import callback_of
from workerless.workflow.wire import write_definition

TEXT = json.dumps(write_definition(definition_of(chain(grind.with_(n=1)))))


class Shelf:
    """Where texts are; ``asked`` tells how often."""

    def __init__(self) -> None:
        self.asked = 0

    def text(self) -> str:
        self.asked += 1
        return TEXT


def test_definition_is_asked_for_once() -> None:
    definitions, shelf = Definitions(), Shelf()

    found = [definitions.find("a", shelf.text) for _ in range(3)]

    assert shelf.asked == 1
    assert isinstance(found[0], Definition)
    assert found[0] is found[2]


def test_definition_that_was_asked_for_longest_ago_makes_room() -> None:
    definitions, shelf = Definitions(2 * len(TEXT)), Shelf()
    for ref in ("a", "b", "a", "c"):
        definitions.find(ref, shelf.text)
    shelf.asked = 0

    for ref in ("a", "c"):
        definitions.find(ref, shelf.text)
    assert shelf.asked == 0
    definitions.find("b", shelf.text)
    assert shelf.asked == 1


def test_definition_that_has_no_room_at_all_is_read_each_time() -> None:
    definitions, shelf = Definitions(1), Shelf()

    assert definitions.find("a", shelf.text) == definitions.find("a", shelf.text)
    assert shelf.asked == 2


def test_what_cannot_be_had_is_asked_for_again() -> None:
    definitions, shelf = Definitions(), Shelf()

    def gone() -> str:
        raise ResultMissingError("gone")

    with pytest.raises(ResultMissingError):
        definitions.find("a", gone)
    with pytest.raises(WorkerlessError, match="no definition"):
        definitions.find("a", lambda: '{"v": 9}')
    assert isinstance(definitions.find("a", shelf.text), Definition)


def test_callbacks_are_kept_as_well() -> None:
    called = callback_of("on_completion", pack.with_(ns=[summary_of_batch().total]))
    told = json.dumps(write_callbacks({"on_completion": called}))

    assert Definitions().find("a", lambda: told) == {"on_completion": called}


def test_next_invocation_knows_what_the_last_one_read(stage: InMemoryStage) -> None:
    world = stage.doubles.orchestra()
    run = stage.client.start(chain(grind.with_(n=1)))
    container = world.read(run.id)
    assert container is not None

    found = world.definition(container)

    assert replace(world, has_time=lambda: False).definition(container) is found
