"""The job types to deploy: those of ``functions/*/job.py``, if their names fit together on AWS."""

from collections.abc import Iterable
from pathlib import Path

from infra.settings import Stage
from workerless import naming
from workerless.discovery import Found, discover
from workerless.errors import DeclarationError


def deployable(root: Path, stage: Stage) -> list[Found]:
    """The job types of the checkout at ``root``, fit for ``stage``. Raises ``DeclarationError``."""
    found = discover(root)
    _check_names(found, stage.name)
    _check_settings(found, stage)
    return found


def _check_names(found: Iterable[Found], stage: str) -> None:
    """Two queues may come to one name: the dead letters of ``x`` and the queue of ``x.dead``."""
    owners: dict[str, str] = {}
    for job_type in (one.job_type.name for one in found):
        for name in (
            naming.resource(stage, job_type),
            naming.dead_letter_queue(stage, job_type),
        ):
            if name in owners:
                raise DeclarationError(
                    f"job types {owners[name]!r} and {job_type!r} would share the queue {name}; "
                    "give one of them another name"
                )
            owners[name] = job_type


def _check_settings(found: Iterable[Found], stage: Stage) -> None:
    names = {one.job_type.name for one in found}
    for name in stage.job_environment:
        if name not in names:
            raise DeclarationError(
                f"infra/settings.py: job_environment of stage {stage.name} must name job types "
                f"({', '.join(sorted(names)) or 'there are none'}), got {name!r}"
            )
