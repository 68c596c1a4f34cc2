"""What a job type may say. Every rule names its field, the value it got and what is allowed."""

import re
import sys
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from workerless import limits
from workerless.errors import DeclarationError
from workerless.payload import Payload, Result
from workerless.search_key import MAX_SEARCH_KEYS, scalar_fields
from workerless.tracking import Tracking
from workerless.unknown_outcome import OnUnknownOutcome

if TYPE_CHECKING:
    from workerless.job_type import JobType

# Leaves room for "workerless-", a stage and "-dead" in the 64 characters of a function name.
_NAME = re.compile(r"[a-z][a-z0-9]*(?:[_.][a-z0-9]+)*")
MAX_NAME_LENGTH = 40
_MAX_VERSION = 999_999
_MAX_RETENTION = timedelta(days=3650)
# How long a message that came back may stand in its queue's line, and still meet its record.
_LATE = timedelta(hours=1)


def check(job_type: "JobType[Any, Any]") -> None:
    """Raises ``DeclarationError`` for the first rule that ``job_type`` breaks."""
    for rule in _RULES:
        rule(job_type)


def _name(job_type: "JobType[Any, Any]") -> None:
    name = job_type.name
    if not _NAME.fullmatch(name) or len(name) > MAX_NAME_LENGTH:
        raise DeclarationError(
            f"name must be 1 to {MAX_NAME_LENGTH} lower-case letters and digits in words joined "
            f"by '_' or '.', like 'send_email' or 'user.welcome', got {name!r}"
        )
    if name.endswith(".dead"):  # its queue would be the dead-letter queue of the other name
        raise DeclarationError(f"name must not end in '.dead', got {name!r}")


def _models(job_type: "JobType[Any, Any]") -> None:
    payload, result = job_type.payload, job_type.result
    if not _is_model(payload, Payload):
        raise _error(job_type, "payload", "a subclass of workerless.Payload", payload)
    if result is not None and not _is_model(result, Result):
        raise _error(job_type, "result", "None or a subclass of workerless.Result", result)
    if not (payload.__doc__ or "").strip():
        raise _error(
            job_type, "payload", "documented: its docstring describes the job", payload.__name__
        )
    if not 1 <= job_type.version <= _MAX_VERSION:
        raise _error(job_type, "version", f"between 1 and {_MAX_VERSION}", job_type.version)
    strange = [one for one in job_type.upcasters if not _is_earlier(one, job_type.version)]
    if strange:
        raise _error(
            job_type,
            "upcasters",
            f"from versions 1 to {job_type.version - 1}, before the present {job_type.version}",
            strange[0],
        )


def _is_earlier(version: object, present: int) -> bool:
    return isinstance(version, int) and 1 <= version < present


def _is_model(value: Any, base: type) -> bool:
    return isinstance(value, type) and issubclass(value, base)


def _unknown_outcome(job_type: "JobType[Any, Any]") -> None:
    policy = job_type.on_unknown_outcome
    if not isinstance(policy, OnUnknownOutcome):
        allowed = ", ".join(f"OnUnknownOutcome.{one.name}" for one in OnUnknownOutcome)
        raise _error(job_type, "on_unknown_outcome", f"one of {allowed}", policy)
    if policy is not OnUnknownOutcome.RETRY and job_type.batch_size > 1:
        raise _error(
            job_type,
            "batch_size",
            f"1 with on_unknown_outcome={policy.value!r} (a process that dies takes all its jobs)",
            job_type.batch_size,
        )


def _texts(job_type: "JobType[Any, Any]") -> None:
    if job_type.runbook and not job_type.runbook.startswith("https://"):
        raise _error(job_type, "runbook", "empty or an https:// address", job_type.runbook)


def _times(job_type: "JobType[Any, Any]") -> None:
    if job_type.timeout < timedelta(seconds=1):
        raise _error(job_type, "timeout", "at least 1 s", job_type.timeout)
    jobs = max(1, min(job_type.batch_size, 2))
    longest = (limits.MAX_FUNCTION_TIMEOUT - limits.INVOCATION_OVERHEAD) / jobs
    if job_type.timeout > longest:
        raise _error(
            job_type,
            "timeout",
            f"at most {longest} with batch_size={job_type.batch_size} (Lambda ends at 15 min)",
            job_type.timeout,
        )
    if job_type.retry_within is not None and job_type.retry_within <= timedelta(0):
        raise _error(job_type, "retry_within", "None or above 0 s", job_type.retry_within)
    expires_in = job_type.expires_in
    if expires_in is not None and not timedelta(0) < expires_in <= limits.MAX_WAIT:
        allowed = f"None or above 0 s and at most {limits.MAX_WAIT}"
        raise _error(job_type, "expires_in", allowed, expires_in)


def _concurrency(job_type: "JobType[Any, Any]") -> None:
    high = limits.MAX_MAXIMUM_CONCURRENCY
    if not 1 <= job_type.concurrency <= high:
        allowed = f"between 1 and {high} (Lambda's bound for a queue)"
        raise _error(job_type, "concurrency", allowed, job_type.concurrency)
    if job_type.autoscale is not None:
        from workerless.flow.autoscale import check_autoscale  # noqa: PLC0415 -- as for lanes

        rule, has_lanes = job_type.autoscale, job_type.lanes is not None
        check_autoscale(job_type.name, rule, job_type.concurrency, has_lanes=has_lanes)
    if job_type.lanes is not None:
        from workerless.flow.lanes import check_lanes  # noqa: PLC0415 -- few job types have any

        check_lanes(job_type.name, job_type.lanes, job_type.concurrency)
    largest = 50
    if not 1 <= job_type.batch_size <= largest:
        raise _error(job_type, "batch_size", f"between 1 and {largest}", job_type.batch_size)
    window = job_type.batching_window
    if not timedelta(0) <= window <= limits.MAX_BATCHING_WINDOW or window.microseconds:
        raise _error(
            job_type, "batching_window", f"whole seconds up to {limits.MAX_BATCHING_WINDOW}", window
        )
    if job_type.batch_size > limits.BATCH_WITHOUT_WINDOW and not window:
        raise _error(
            job_type,
            "batching_window",
            f"at least 1 s when batch_size is above {limits.BATCH_WITHOUT_WINDOW}",
            window,
        )


def _function(job_type: "JobType[Any, Any]") -> None:
    for name, low, high in (
        ("memory_mb", limits.MIN_MEMORY_MB, limits.MAX_MEMORY_MB),
        ("ephemeral_storage_mb", limits.MIN_EPHEMERAL_MB, limits.MAX_EPHEMERAL_MB),
    ):
        value = getattr(job_type, name)
        if not low <= value <= high:
            raise _error(job_type, name, f"between {low} and {high}", value)


def _reach(job_type: "JobType[Any, Any]") -> None:
    deepest = limits.MAX_MAX_DEPTH
    if not 1 <= job_type.max_depth <= deepest:
        raise _error(job_type, "max_depth", f"between 1 and {deepest}", job_type.max_depth)
    if job_type.environment or job_type.children:
        from workerless.reach_declaration import check_reach  # noqa: PLC0415 -- who declares pays

        check_reach(job_type)


def _retention(job_type: "JobType[Any, Any]") -> None:
    """The message of a job that ended untold comes back once: it must meet the job's record."""
    least = job_type.visibility_timeout + _LATE
    for name in ("completed_retention", "failed_retention"):
        value = getattr(job_type, name)
        if not least <= value <= _MAX_RETENTION:
            raise _error(
                job_type,
                name,
                f"between {least} (the queue's visibility timeout and an hour) and "
                f"{_MAX_RETENTION.days} days",
                value,
            )


def _tracking(job_type: "JobType[Any, Any]") -> None:
    """Without a record nothing is known of a job but what its message and SQS say."""
    if not isinstance(job_type.tracking, Tracking):
        allowed = "one of " + ", ".join(f"Tracking.{one.name}" for one in Tracking)
        raise _error(job_type, "tracking", allowed, job_type.tracking)
    if job_type.tracking is not Tracking.OFF:
        return
    for name in ("result", "retry_within"):
        value = getattr(job_type, name)
        if value is not None:
            raise _error(job_type, name, "None with tracking off: it takes a record", value)
    if job_type.on_unknown_outcome is not OnUnknownOutcome.RETRY:
        raise _error(
            job_type,
            "on_unknown_outcome",
            "OnUnknownOutcome.RETRY with tracking off: nothing tells that an attempt died",
            job_type.on_unknown_outcome,
        )
    for name, backoff in (
        ("retry", job_type.retry),
        *(("by_error", one) for one in job_type.by_error.values()),
    ):
        if backoff.cap > limits.MAX_DELAY:
            raise _error(
                job_type,
                name,
                f"capped at {limits.MAX_DELAY} or less with tracking off: a longer wait takes a "
                "record",
                backoff.cap,
            )


def _search_keys(job_type: "JobType[Any, Any]") -> None:
    """Fields as JSON names them. The schema is made only for who asks for it."""
    fields = job_type.search_keys
    if not fields:
        return
    if len(set(fields)) != len(fields) or len(fields) > MAX_SEARCH_KEYS:
        allowed = f"a tuple of at most {MAX_SEARCH_KEYS} different fields"
        raise _error(job_type, "search_keys", allowed, fields)
    if job_type.tracking is not Tracking.FULL:
        raise _error(
            job_type, "search_keys", "empty without tracking full: keys lead to records", fields
        )
    scalars = scalar_fields(job_type.payload.model_json_schema())
    strange = [field for field in fields if field not in scalars]
    if strange:
        allowed = f"texts, integers or booleans of the payload ({', '.join(scalars) or 'none'})"
        raise _error(job_type, "search_keys", allowed, strange[0])


def _flow(job_type: "JobType[Any, Any]") -> None:
    """What a plain job type does not declare its worker need not load."""
    if job_type.cursor is not None:
        from workerless.job_cursor import check_cursor  # noqa: PLC0415 -- who declares pays

        check_cursor(job_type, job_type.cursor)
    if job_type.unique is not None:
        from workerless.flow_declaration import check_unique  # noqa: PLC0415 -- who declares pays

        check_unique(job_type, job_type.unique)
    if job_type.max_waiting is not None:
        from workerless.flow_declaration import check_max_waiting  # noqa: PLC0415

        check_max_waiting(job_type, job_type.max_waiting)
    if job_type.rate_limits:
        from workerless.flow.rate import check_rates  # noqa: PLC0415 -- as above

        check_rates(job_type)
    if job_type.needs:
        from workerless.flow.dependency import check_needs  # noqa: PLC0415 -- as above

        check_needs(job_type)
    if job_type.is_keyed:
        from workerless.flow.concurrency import check_key  # noqa: PLC0415 -- as above

        check_key(job_type)


def _starts(job_type: "JobType[Any, Any]") -> None:
    if job_type.sources:
        from workerless.source import check_sources  # noqa: PLC0415 -- as above

        check_sources(job_type.name, job_type.sources, job_type.payload)
    if job_type.schedules:
        from workerless.schedule.schedule import check_schedules  # noqa: PLC0415 -- as above

        check_schedules(
            job_type.name, job_type.schedules, job_type.payload, tracking=job_type.tracking
        )


def _error(
    job_type: "JobType[Any, Any]", field: str, allowed: str, got: object
) -> DeclarationError:
    return DeclarationError(f"{job_type.name}: {field} must be {allowed}, got {got!r}")


def _sensitive(job_type: "JobType[Any, Any]") -> None:
    if "workerless.sensitive" not in sys.modules:  # so no payload has any such field
        return
    from workerless.sensitive_declaration import check_sensitive  # noqa: PLC0415 -- as above

    check_sensitive(job_type)


_RULES = (
    _name,
    _models,
    _texts,
    _times,
    _concurrency,
    _unknown_outcome,
    _function,
    _reach,
    _retention,
    _tracking,
    _search_keys,
    _flow,
    _sensitive,
    _starts,
)
