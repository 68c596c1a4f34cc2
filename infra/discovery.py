"""The job types to deploy: those of ``functions/*/job.py``, if the settings fit them."""

from collections.abc import Sequence
from pathlib import Path

from infra.settings import Stage
from workerless.discovery import Found, discover
from workerless.errors import DeclarationError
from workerless.tracking import Tracking


def deployable(root: Path, stage: Stage) -> list[Found]:
    """The job types of the checkout at ``root``. Raises ``DeclarationError``."""
    found = discover(root)
    _check_settings(found, stage)
    return found


def _check_settings(found: Sequence[Found], stage: Stage) -> None:
    names = {one.job_type.name for one in found}
    told = {"lifecycle": stage.lifecycle, "failed_jobs": stage.failed_jobs}
    named = [("job_environment", name) for name in stage.job_environment]
    named += [(field, name) for field, to in told.items() if to for name in to.job_types]
    for field, name in named:
        if name not in names:
            raise DeclarationError(
                f"infra/settings.py: {field} of stage {stage.name} must name job types "
                f"({', '.join(sorted(names)) or 'there are none'}), got {name!r}"
            )
    # A delivery that comes again is known by the job's id, and only a record knows ids.
    tracked = {one.job_type.name for one in found if one.job_type.tracking is not Tracking.OFF}
    for source, webhook in stage.http.webhooks.items():
        if webhook.job_type not in tracked:
            raise DeclarationError(
                f"infra/settings.py: http.webhooks[{source!r}] of stage {stage.name} must name a "
                f"tracked job type ({', '.join(sorted(tracked)) or 'there are none'}), got "
                f"{webhook.job_type!r}"
            )
