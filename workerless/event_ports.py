"""What waiting for events needs of the world."""

from datetime import datetime
from typing import Protocol

from workerless.event import Event, Token
from workerless.record import Record


class EventStore(Protocol):
    """What was decided of the events of a stage. All raise ``StoreUnavailableError``."""

    def get(self, job_id: str, name: str) -> Event | None:
        """What stands, void or not. A consistent read."""
        ...

    def put(self, event: Event) -> Event:
        """Keep it, unless one stands for its generation already; what stands then."""
        ...

    def void(self, event: Event) -> None:
        """Have it stand for nothing any more, if it is what stands."""
        ...

    def tell(self, job_id: str, name: str, at: datetime) -> Record | None:
        """Do to the job what ``event.told`` says; its record, bodiless, if it waited for this.

        To be called once the event is kept. Raises ``JobNotFoundError``.
        """
        ...

    def put_token(self, digest: str, token: Token) -> None:
        """Keep what a token is for, by the SHA-256 of its text."""
        ...

    def token(self, digest: str) -> Token | None:
        """What it is for; None of one that is unknown or past its time."""
        ...
