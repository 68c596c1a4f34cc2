"""naming: every name is one AWS accepts, and no two things share one."""

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from workerless import naming
from workerless.errors import DeclarationError, WorkerlessError
from workerless.job_type import JobType
from workerless.limits import MAX_FUNCTION_NAME_LENGTH, MAX_QUEUE_NAME_LENGTH
from workerless.payload import Payload

LAW = settings(deadline=None)
ACCOUNT, LONGEST_REGION = "123456789012", "ap-southeast-1"

words = st.text("abz019", min_size=1, max_size=39) | st.sampled_from(["dead", "alarms", "x", "a"])
letters = st.sampled_from(["a", "z", "x", "dead"])
stages = st.from_regex(r"[a-z][a-z0-9]{0,7}", fullmatch=True)


class Anything(Payload):
    """A job."""


def is_legal(name: str) -> bool:
    try:
        JobType(name=name, payload=Anything)
    except DeclarationError:
        return False
    return True


def joined(first: str, rest: list[tuple[str, str]]) -> str:
    return first + "".join(joiner + word for joiner, word in rest)


joins = st.lists(st.tuples(st.sampled_from("_."), words), max_size=3)
legal_names = st.builds(joined, letters, joins).filter(is_legal)


def queues(stage: str, name: str) -> set[str]:
    return {
        naming.resource(stage, name),
        naming.dead_letter_queue(stage, name),
        naming.undelivered_queue(stage, name),
    }


@LAW
@given(stages, legal_names)
def test_queue_and_function_names_fit_aws(stage: str, name: str) -> None:
    for queue in queues(stage, name):
        assert re.fullmatch(r"[A-Za-z0-9_-]+", queue)
        assert len(queue) <= MAX_QUEUE_NAME_LENGTH
    assert len(naming.resource(stage, name)) <= MAX_FUNCTION_NAME_LENGTH


def test_dead_letter_queue_takes_no_other_job_type_s_name() -> None:
    with pytest.raises(DeclarationError, match=r"name must not end in '.dead', got 'x.dead'"):
        JobType(name="x.dead", payload=Anything)

    assert is_legal("x_dead")
    assert is_legal("dead")


@LAW
@given(st.sets(st.tuples(stages, legal_names), min_size=2, max_size=6))
def test_no_two_job_types_share_a_queue(declared: set[tuple[str, str]]) -> None:
    names = set[str]().union(*(queues(stage, name) for stage, name in declared))

    assert len(names) == 3 * len(declared)


@LAW
@given(stages, legal_names)
@example(stage="z9999999", name="a")
def test_shared_names_fit_aws(stage: str, name: str) -> None:
    bucket = naming.bucket(stage, ACCOUNT, LONGEST_REGION)

    assert re.fullmatch(r"[A-Za-z0-9_.-]{3,255}", naming.table(stage))
    assert re.fullmatch(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", bucket)
    assert re.fullmatch(r"[A-Za-z0-9_-]{1,256}", naming.alarm_topic(stage))
    for parameter in (naming.core_parameter(stage), naming.job_type_parameter(stage, name)):
        assert re.fullmatch(r"(/[A-Za-z0-9_.-]+){1,15}", parameter)
        assert len(parameter) <= 1011


def test_parameter_of_a_job_type_lies_below_the_path_of_all() -> None:
    path = naming.job_type_parameters("dev")

    assert naming.job_type_parameter("dev", "user.welcome") == f"{path}/user.welcome"


@pytest.mark.parametrize("stage", ["a", "dev", "prod", "pr12", "x2345678"])
def test_short_lower_case_stage_is_accepted(stage: str) -> None:
    assert naming.check_stage(stage) == stage


@pytest.mark.parametrize("stage", ["", "1a", "Dev", "pr-12", "x23456789", "dev\n", "é", "a b"])
def test_other_stage_is_refused_naming_it(stage: str) -> None:
    with pytest.raises(WorkerlessError, match=r"stage must be 1 to 8 .* got ") as caught:
        naming.check_stage(stage)

    assert repr(stage) in str(caught.value)
