"""Ends outside every worker, told to the containers in the same table."""

from collections.abc import Sequence
from datetime import datetime

from workerless.aws.table import Table
from workerless.aws.workflow.containers import DynamoContainers
from workerless.ports import Clock
from workerless.record import Record
from workerless.workflow_ends import tell_containers


def tell(records: Sequence[Record], table: Table, clock: Clock, at: datetime) -> None:
    """As ``tell_containers``."""
    tell_containers(records, DynamoContainers(table, clock), at)
