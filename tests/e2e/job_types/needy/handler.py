"""Asks the bank."""

from functions.needy.job import BankDownError, Needy, needy

from workerless.worker import worker


def perform(payload: Needy) -> None:
    """Raises where the payload says that the bank is down."""
    if payload.is_down:
        raise BankDownError


handler = worker(needy)(perform)
