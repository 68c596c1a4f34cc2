"""Dead letters as a test reads them."""

from dataclasses import dataclass

from workerless.ports import Outgoing


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """A message of a dead-letter queue: its body untouched, and why it is there.

    ``reason`` and what follows it are empty for a message that SQS moved by itself. What the
    job's own exception said is in the record, ``error_message`` is there where none has it.
    """

    body: str
    job_id: str
    reason: str
    error_type: str
    error_message: str
    fingerprint: str
    attempts: int

    @classmethod
    def of(cls, letter: Outgoing) -> "DeadLetter":
        told = letter.attributes
        return cls(
            body=letter.body,
            job_id=told.get("job_id", ""),
            reason=told.get("reason", ""),
            error_type=told.get("error_type", ""),
            error_message=told.get("error_message", ""),
            fingerprint=told.get("fingerprint", ""),
            attempts=int(told.get("attempts", "0")),
        )
