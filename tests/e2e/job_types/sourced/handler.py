"""Gives back what it was told."""

from functions.sourced.job import Heard, Sourced, sourced

from workerless.worker import worker


def perform(payload: Sourced) -> Heard:
    """Say it again."""
    return Heard(text=payload.text)


handler = worker(sourced)(perform)
