"""The total queue judges rightly: known-good and known-bad histories, and any at all."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.simulation.total_queue import Operation, account


def enqueue(job: str, how: str = "ok", process: str = "p") -> list[Operation]:
    return [(process, "invoke", "enqueue", job), (process, how, "enqueue", job)]


def end(job: str, function: str = "complete", how: str = "ok") -> list[Operation]:
    return [("w", "invoke", function, job), ("w", how, function, job)]


GOOD: dict[str, list[Operation]] = {
    "nothing at all": [],
    "completed once": [*enqueue("a"), *end("a")],
    "failed is an end too": [*enqueue("a"), *end("a", "end")],
    "enqueued twice is one job": [*enqueue("a"), *enqueue("a"), *end("a")],
    "unknown, and it never was": enqueue("a", "info"),
    "unknown, and there it is": [*enqueue("a", "info"), *end("a")],
    "never concluded, and there it is": [("p", "invoke", "enqueue", "a"), *end("a")],
    "refused, and it never was": enqueue("a", "fail"),
    "refused once, then taken": [*enqueue("a", "fail"), *enqueue("a"), *end("a")],
    "fenced, and completed by another": [*enqueue("a"), *end("a", how="fail"), *end("a")],
    "unknown end, and looked up": [*enqueue("a"), *end("a", how="info"), *end("a")],
    "ended before its producer was told": [
        ("p", "invoke", "enqueue", "a"),
        *end("a"),
        ("p", "ok", "enqueue", "a"),
    ],
    "redriven": [*enqueue("a"), *end("a", "end"), *enqueue("a/2"), *end("a/2")],
}
BAD: dict[str, tuple[list[Operation], list[str]]] = {
    "lost": (enqueue("a"), ["lost: a"]),
    "lost, as its end is unknown": ([*enqueue("a"), *end("a", how="info")], ["lost: a"]),
    "lost beside one that is not": ([*enqueue("a"), *enqueue("b"), *end("b")], ["lost: a"]),
    "lost though a repetition is unknown": ([*enqueue("a"), *enqueue("a", "info")], ["lost: a"]),
    "completed twice": ([*enqueue("a"), *end("a"), *end("a")], ["duplicated: a"]),
    "completed three times": (
        [*enqueue("a"), *end("a"), *end("a"), *end("a")],
        ["duplicated: a (2 times)"],
    ),
    "failed and completed": ([*enqueue("a"), *end("a", "end"), *end("a")], ["duplicated: a"]),
    "enqueued twice, completed twice": (
        [*enqueue("a"), *enqueue("a"), *end("a"), *end("a")],
        ["duplicated: a"],
    ),
    "from nowhere": (end("a"), ["unexpected: a"]),
    "refused, and there it is": ([*enqueue("a", "fail"), *end("a")], ["unexpected: a"]),
    "redriven, and lost": ([*enqueue("a"), *end("a"), *enqueue("a/2")], ["lost: a/2"]),
}


@pytest.mark.parametrize("history", GOOD.values(), ids=GOOD)
def test_good_history_is_not_accused(history: list[Operation]) -> None:
    assert account(history).broken() == []


@pytest.mark.parametrize(("history", "broken"), BAD.values(), ids=BAD)
def test_bad_history_is_told_for_what_it_is(history: list[Operation], broken: list[str]) -> None:
    assert account(history).broken() == broken


@pytest.mark.parametrize(
    ("how", "ends", "name"),
    [("ok", True, "ended"), ("info", True, "recovered"), ("info", False, "maybe")],
)
def test_job_that_breaks_nothing_has_its_class(how: str, name: str, *, ends: bool) -> None:
    found = account([*enqueue("a", how), *(end("a") if ends else [])])

    assert {one for one in ("ended", "recovered", "maybe") if getattr(found, one)} == {name}


@pytest.mark.parametrize(
    "operation",
    [
        ("p", "ok", "enqueue", "a"),  # never invoked
        ("p", "begin", "enqueue", "a"),
        ("p", "invoke", "dequeue", "a"),
    ],
)
def test_what_is_no_history_is_refused(operation: Operation) -> None:
    with pytest.raises(ValueError, match="operation 0"):
        account([operation])


steps = st.lists(
    st.one_of(
        st.builds(enqueue, st.sampled_from("abc"), st.sampled_from(["ok", "info", "fail"])),
        st.builds(
            end,
            st.sampled_from("abc"),
            st.sampled_from(["complete", "end"]),
            st.sampled_from(["ok", "info", "fail"]),
        ),
    ),
    max_size=12,
)


@given(steps)
def test_every_job_has_one_class_and_one_only_may_have_ended_again(
    steps: Sequence[Sequence[Operation]],
) -> None:
    history = [operation for step in steps for operation in step]
    found = account(history)

    classes = [found.ended, found.recovered, found.maybe, found.lost, found.unexpected]
    named = [job for one in classes for job in one]
    assert len(named) == len(set(named))
    sure = {job for _, kind, function, job in history if (kind, function) == ("ok", "enqueue")}
    ends = [job for _, kind, function, job in history if kind == "ok" and function != "enqueue"]
    assert sure == set(found.ended) | set(found.lost)
    assert set(ends) == set(found.ended) | set(found.recovered) | set(found.unexpected)
    assert found.duplicated.total() == len(ends) - len(set(ends))
