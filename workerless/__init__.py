"""Workerless: background jobs on SQS and Lambda, declared once.

A ``job.py`` imports everything it needs from here; handlers take the signals, producers
``workerless.client``, Lambda ``workerless.worker``.
"""

from workerless.backoff import Computed, Exponential, Fixed, Jitter, Linear, Listed, Polynomial
from workerless.errors import WorkerlessError
from workerless.hooks import Hooks, JobInfo
from workerless.job_type import JobType
from workerless.payload import Payload, Result, payload_key
from workerless.permission import Allow
from workerless.signals import Discard, Fail, LeaseLost, RetryAfter, Snooze, SoftTimeout
from workerless.states import State
from workerless.tracking import Tracking
from workerless.unknown_outcome import OnUnknownOutcome

__all__ = [
    "JobType",
    "Tracking",
    "Payload",
    "Result",
    "Exponential",
    "Linear",
    "Fixed",
    "Listed",
    "Polynomial",
    "Computed",
    "Jitter",
    "Allow",
    "OnUnknownOutcome",
    "Snooze",
    "Discard",
    "Fail",
    "RetryAfter",
    "SoftTimeout",
    "LeaseLost",
    "Hooks",
    "JobInfo",
    "State",
    "WorkerlessError",
    "payload_key",
]
