"""Changing a value that only the type checker guards. Each marked line must be refused."""

from workerless.frozen import replace
from workerless.record import Record


def change(record: Record) -> Record:
    record.attempt += 1  # error: misc
    return replace(record, atempt=2)  # error: call-arg


def move(record: Record) -> Record:
    return replace(record, attempt=record.attempt + 1)
