"""A job whose first attempts fail: when it is tried again, and why its receiver can trust it."""

from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import pairwise

from demo import receiver
from demo.expectation import expect, expect_at_least
from demo.outcome import Outcome
from demo.receiver import Answer, Receiver
from demo.run import Run, looks
from demo.secret import webhook_secret
from functions.deliver_webhook.job import Delivered, DeliverWebhook, deliver_webhook
from workerless import State
from workerless.handle import Job, JobStatus

_ASKED_SECONDS = 2
_ROUNDING_SECONDS = 0.01  # records keep milliseconds
_ANSWERS = (
    Answer(status=503, retry_after_seconds=_ASKED_SECONDS),
    Answer(status=500),
    Answer(status=200),
)


def show(run: Run) -> list[Outcome]:
    """One event that is refused twice; the first refusal says when to come back."""
    with receiver.listening(webhook_secret(), *_ANSWERS) as shop:
        run.screen.tell("receiver", f"{shop.url} answers 503, then 500, then 200")
        order_paid = DeliverWebhook(
            delivery_id=f"order-{run.id}",
            url=shop.url,
            event="order.paid",
            body={"order": 1042, "total": "49.90"},
        )
        status, waits = _follow(run, run.client.enqueue(deliver_webhook, order_paid, attempts=3))

    expect("state of the webhook's job", got=status.state, expected=State.COMPLETED)
    expect("attempts of the webhook's job", got=status.attempt, expected=len(_ANSWERS))
    _show_delivered(run, shop, order_paid.delivery_id, waits)
    return [Outcome.of(status, step="webhook", happened="503, 500, then 200; all signed")]


def _follow(run: Run, job: Job[Delivered]) -> tuple[JobStatus[Delivered], Mapping[int, float]]:
    """Show each failed attempt and the seconds to the next one, as the record tells them."""
    waits: dict[int, float] = {}
    with run.screen.live("waiting for it") as redraw:
        for status in looks(job):
            if status.errors and (error := status.errors[-1]).attempt not in waits:
                wait = waits[error.attempt] = (status.run_at - error.at).total_seconds()
                run.screen.tell(
                    f"attempt {error.attempt}", f"{error.message}; again in {wait:.1f} s"
                )
            left = (status.run_at - datetime.now(UTC)).total_seconds()
            redraw(f"{status.state} in {left:.1f} s" if left > 0 else f"{status.state}")
    return status, waits


def _show_delivered(run: Run, shop: Receiver, delivery_id: str, waits: Mapping[int, float]) -> None:
    """What the receiver saw: three genuine deliveries of one event, none of them early."""
    expect(
        "deliveries (answer, webhook-id, genuine)",
        got=[(one.status, one.webhook_id, one.is_genuine) for one in shop.deliveries],
        expected=[(answer.status, delivery_id, True) for answer in _ANSWERS],
    )
    gaps = [after.at - before.at for before, after in pairwise(shop.deliveries)]
    expect_at_least("wait after Retry-After", got=gaps[0], expected=_ASKED_SECONDS, unit="s")
    for attempt, wait in waits.items():
        early = wait - _ROUNDING_SECONDS
        expect_at_least(
            f"wait after attempt {attempt}", got=gaps[attempt - 1], expected=early, unit="s"
        )
    run.screen.tell("attempt 3", "receiver answered 200")
    run.screen.tell("waited", f"{gaps[0]:.1f} s as asked, {gaps[1]:.1f} s of backoff")
    run.screen.tell("genuine", f"all three, by their signature; webhook-id {delivery_id}")
