"""Where a container finds its queues and its environment, on moto."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.unit.container.deployment import Deployment, deployment
from workerless.container.place import Place, environment, find
from workerless.errors import PlatformUnavailableError, UnknownJobTypeError, WorkerlessError

OURS = {"WORKERLESS_TABLE": "t", "SENDER": "a"}


@pytest.fixture
def deployed(monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployment]:
    with deployment(monkeypatch) as deployed:
        yield deployed


def test_queue_and_environment_are_those_of_the_function(deployed: Deployment) -> None:
    deployed.function("greet-function", OURS)
    deployed.publish("greet", function="greet-function")

    assert find("test", "greet") == Place(environment=OURS, queues={None: "https://q/greet"})


def test_environment_is_that_of_what_is_live(deployed: Deployment) -> None:
    deployed.function("greet-function", OURS)
    deployed.change("greet-function", {**OURS, "SENDER": "of a release that went back"})
    deployed.publish("greet", function="greet-function")

    assert find("test", "greet").environment == OURS


def test_queues_of_lanes_are_found_by_lane(deployed: Deployment) -> None:
    deployed.function("greet-function", OURS)
    urls = {"high": "https://q/greet--high", "rest": "https://q/greet"}
    deployed.publish("greet", function="greet-function", lanes=urls)

    assert find("test", "greet").queues == urls


def test_type_that_is_not_deployed_is_told_with_those_that_are(deployed: Deployment) -> None:
    deployed.publish("other", function="other-function")

    with pytest.raises(UnknownJobTypeError, match=r"has no job type 'greet'; it has: other"):
        find("test", "greet")


def test_function_that_is_not_there_is_told(deployed: Deployment) -> None:
    deployed.publish("greet", function="gone")

    with pytest.raises(PlatformUnavailableError, match=r"function gone .*ResourceNotFound"):
        find("test", "greet")


@pytest.mark.parametrize(("variables", "told"), [({}, "none"), ({"B": "", "A": ""}, "A, B")])
def test_function_of_somebody_else_is_refused(
    deployed: Deployment, variables: dict[str, str], told: str
) -> None:
    deployed.function("greet-function", variables)
    deployed.publish("greet", function="greet-function")

    with pytest.raises(WorkerlessError, match=f"that its stack sets, got {told}; deploy it again"):
        find("test", "greet")


def test_the_containers_own_variables_count_but_not_for_where_things_are() -> None:
    queues: Any = {None: "q"}
    place = Place(environment={"WORKERLESS_TABLE": "t", "SENDER": "a"}, queues=queues)

    assert environment(place, {"WORKERLESS_TABLE": "x", "SENDER": "b", "HOME": "/"}) == {
        "WORKERLESS_TABLE": "t",
        "SENDER": "b",
        "HOME": "/",
    }
    assert environment(place, {})["SENDER"] == "a"
