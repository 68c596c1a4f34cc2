"""deliver_webhook through the whole pipeline: its retries, and what a receiver sees of them."""

from socket import socket

from functions.deliver_webhook.handler import deliver, stage_sender
from functions.deliver_webhook.job import Delivered, DeliverWebhook, deliver_webhook
from tests.functions.delivering import NOW, SECRET, webhook
from tests.functions.receiver import Behave, Receiver
from workerless import State
from workerless.testing.stage import InMemoryStage
from workerless.worker import worker


def stage() -> InMemoryStage:
    sender = stage_sender({"WEBHOOK_ALLOW_LOOPBACK": "1"})

    async def perform(event: DeliverWebhook) -> Delivered:
        return await deliver(event, sender=sender, secret=SECRET, now=NOW)

    return InMemoryStage(worker(deliver_webhook)(perform))


def in_turn(*heads: str) -> Behave:
    """One answer after the other; each peer gets the next."""
    answers = iter(heads)

    def behave(peer: socket) -> None:
        peer.sendall(f"HTTP/1.1 {next(answers)}\r\nContent-Length: 0\r\n\r\n".encode())

    return behave


def test_receiver_says_when_to_come_back(receiver: Receiver) -> None:
    receiver.behave = in_turn("503 Down\r\nRetry-After: 600", "200 OK")

    with stage() as jobs:
        status = jobs.run(deliver_webhook, webhook(receiver.url))

    assert (status.state, status.attempt) == (State.COMPLETED, 2)
    assert status.started_at is not None
    assert (status.started_at - status.enqueued_at).total_seconds() == 600


def test_event_for_a_receiver_that_stays_down_is_a_dead_letter(receiver: Receiver) -> None:
    receiver.answer(500)

    with stage() as jobs:
        status = jobs.run(deliver_webhook, webhook(receiver.url))

        assert (status.state, status.attempt) == (State.FAILED, 8)
        assert len(jobs.dead_letters(deliver_webhook)) == 1


def test_event_that_a_crash_repeats_has_the_same_id(receiver: Receiver) -> None:
    def ids() -> set[str]:
        return {post.headers["webhook-id"] for post in receiver.posted}

    with stage() as jobs:
        jobs.assert_idempotent(deliver_webhook, webhook(receiver.url), observe=ids)

    assert len(receiver.posted) == 2
