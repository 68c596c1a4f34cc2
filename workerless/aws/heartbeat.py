"""The heartbeats of jobs: one attribute of a record, written while its attempt holds the token."""

from datetime import datetime

from workerless.aws.item import record_key
from workerless.aws.table import Refused, Table
from workerless.aws.update import alive


class DynamoHeartbeats:
    """One write unit for each kilobyte of a record, each 30 s; no index has it."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def beat(self, job_id: str, token: str, at: datetime) -> bool:
        return not isinstance(self._table.update(record_key(job_id), alive(token, at)), Refused)
