"""Asking the store for many things at once, and one by one when that gets no answer."""

from collections.abc import Callable, Sequence

from workerless.errors import StoreUnavailableError
from workerless.execution.runtime import Runtime


def each[Q, A](
    ask: Callable[[Sequence[Q]], Sequence[A]], questions: Sequence[Q], runtime: Runtime
) -> list[A | None]:
    """An answer a question, in order; None where there was none.

    One without an answer must not hold up its neighbours, so each is asked again by itself: every
    question of the store may be repeated, and finds its own work done. Two silences in a row are a
    store that is down, and each one may have cost seconds.
    """
    together = _ask(ask, questions, runtime)
    if together is not None or len(questions) == 1:
        return [None] if together is None else list(together)
    answers: list[A | None] = []
    for question in questions:
        is_down = answers[-2:] == [None, None] or not runtime.has_time_for_a_job()
        answer = None if is_down else _ask(ask, [question], runtime)
        answers.append(answer[0] if answer else None)
    return answers


def _ask[Q, A](
    ask: Callable[[Sequence[Q]], Sequence[A]], questions: Sequence[Q], runtime: Runtime
) -> Sequence[A] | None:
    try:
        return ask(questions) if questions else []
    except StoreUnavailableError as error:
        runtime.ports.telemetry.trouble("store_unavailable", error, deliveries=len(questions))
        return None
