"""Where the emails of the local cloud end up: nobody gets them, everybody may read them."""

from dataclasses import dataclass

from workerless.local import wire
from workerless.local.credentials import ACCOUNT


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """One email as SES took it."""

    sender: str
    to: str
    subject: str


def mails(port: int) -> list[Mail]:
    """All emails since the cloud was started, in the order they were sent."""
    messages = wire.get(port, "/_ministack/ses/messages")["messages"].get(ACCOUNT, [])
    return [
        Mail(
            sender=message["Source"],
            to=", ".join(message["To"]),
            subject=message["Subject"],
        )
        for message in messages
    ]
