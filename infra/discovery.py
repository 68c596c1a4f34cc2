"""The job types to deploy: those of ``functions/*/job.py``, if the settings fit them."""

from collections.abc import Iterable
from pathlib import Path

from infra.settings import Stage
from workerless.discovery import Found, discover
from workerless.errors import DeclarationError


def deployable(root: Path, stage: Stage) -> list[Found]:
    """The job types of the checkout at ``root``. Raises ``DeclarationError``."""
    found = discover(root)
    _check_settings(found, stage)
    return found


def _check_settings(found: Iterable[Found], stage: Stage) -> None:
    names = {one.job_type.name for one in found}
    for name in stage.job_environment:
        if name not in names:
            raise DeclarationError(
                f"infra/settings.py: job_environment of stage {stage.name} must name job types "
                f"({', '.join(sorted(names)) or 'there are none'}), got {name!r}"
            )
