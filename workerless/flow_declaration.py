"""What a job type may say of flow control; every rule names its field, as in ``declaration.py``."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from workerless.errors import DeclarationError
from workerless.flow.guard import MaxWaiting, WhenFull
from workerless.flow.unique import Debounce, Unique, Uniqueness, Until
from workerless.limits import MAX_WAIT
from workerless.tracking import Tracking

if TYPE_CHECKING:
    from workerless.job_type import JobType

# Of a job that waits for nothing (``retention.BODY_LIFETIME``).
_KEY_LIFETIME = timedelta(days=30)


def check_unique(job_type: "JobType[Any, Any]", rule: Uniqueness) -> None:
    """Raises ``DeclarationError``. What the last job of a key is about only its record tells."""
    if not isinstance(rule, Unique | Debounce):
        raise _error(job_type, "unique", "None, a Unique or a Debounce", rule)
    if job_type.tracking is not Tracking.FULL:
        raise _error(
            job_type,
            "unique",
            f"None with tracking {job_type.tracking.value}: it takes a record from the start",
            rule,
        )
    fields = [
        field.serialization_alias or field.alias or name
        for name, field in job_type.payload.model_fields.items()
    ]
    strange = [name for name in rule.by or () if name not in fields]
    if strange:
        allowed = f"by fields of the payload ({', '.join(fields) or 'it has none'})"
        raise _error(job_type, "unique", allowed, strange[0])
    _check_wait(job_type, rule)
    kept = min(job_type.completed_retention, job_type.failed_retention, _KEY_LIFETIME)
    if (
        isinstance(rule, Unique)
        and rule.until is Until.WINDOW_OVER
        and (rule.within or kept) > kept
    ):
        allowed = f"within {kept}, as long as a job's record and key are kept, with WINDOW_OVER"
        raise _error(job_type, "unique", allowed, rule.within)


def _check_wait(job_type: "JobType[Any, Any]", rule: Uniqueness) -> None:
    """Whoever waits longer than it may could never begin."""
    longest = min(job_type.expires_in or MAX_WAIT, MAX_WAIT)
    if isinstance(rule, Debounce) and rule.wait >= longest:
        allowed = f"with a wait below {longest}, after which a job begins no more"
        raise _error(job_type, "unique", allowed, rule.wait)


def check_max_waiting(job_type: "JobType[Any, Any]", rule: MaxWaiting) -> None:
    """Raises ``DeclarationError``. Only a record can wait without a message."""
    if not isinstance(rule, MaxWaiting):
        raise _error(job_type, "max_waiting", "None or a MaxWaiting", rule)
    if rule.when_full is not WhenFull.PARK:
        return
    if job_type.tracking is Tracking.OFF:
        allowed = "when_full=REJECT with tracking off: parking takes a record"
        raise _error(job_type, "max_waiting", allowed, rule.when_full)
    if isinstance(job_type.unique, Debounce):
        allowed = "when_full=REJECT of a debounced type: its own rule says when a job runs"
        raise _error(job_type, "max_waiting", allowed, rule.when_full)


def _error(
    job_type: "JobType[Any, Any]", field: str, allowed: str, got: object
) -> DeclarationError:
    return DeclarationError(f"{job_type.name}: {field} must be {allowed}, got {got!r}")
