"""Asking the store for many things at once, and one by one when that gets no answer."""

from collections.abc import Callable, Sequence

from workerless.errors import StoreUnavailableError
from workerless.ports import Telemetry


def each[Q, A](
    ask: Callable[[Sequence[Q]], Sequence[A]],
    questions: Sequence[Q],
    telemetry: Telemetry,
    *,
    has_time: Callable[[], bool],
) -> list[A | None]:
    """An answer a question, in order; None where there was none.

    One without an answer must not hold up its neighbours, so each is asked again by itself, while
    there is time: every question of the store may be repeated, and finds its own work done. Two
    silences in a row are a store that is down, and each one may have cost seconds.
    """
    together = _ask(ask, questions, telemetry)
    if together is not None or len(questions) == 1:
        return [None] if together is None else list(together)
    answers: list[A | None] = []
    for question in questions:
        is_down = answers[-2:] == [None, None] or not has_time()
        answer = None if is_down else _ask(ask, [question], telemetry)
        answers.append(answer[0] if answer else None)
    return answers


def _ask[Q, A](
    ask: Callable[[Sequence[Q]], Sequence[A]], questions: Sequence[Q], telemetry: Telemetry
) -> Sequence[A] | None:
    try:
        return ask(questions) if questions else []
    except StoreUnavailableError as error:
        telemetry.trouble("store_unavailable", error, entries=len(questions))
        return None
