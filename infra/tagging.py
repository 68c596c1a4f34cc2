"""The tags of everything deployed: whose it is, and which bill it belongs to."""

import re
from typing import Any

from infra.settings import Stage
from workerless.errors import DeclarationError
from workerless.job_type import JobType

# https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html
_TAG_VALUE = re.compile(r"[\w .:/=+\-@]{1,256}")


def job_type_tags(job_type: JobType[Any, Any], stage: Stage) -> dict[str, str]:
    """Raises ``DeclarationError`` for an owner that cannot be a tag."""
    tags = {**stage_tags(stage), "workerless:job-type": job_type.name}
    if not job_type.owner:
        return tags
    if not _TAG_VALUE.fullmatch(job_type.owner):
        raise DeclarationError(
            f"{job_type.name}: owner must be 1 to 256 letters, digits, spaces and _.:/=+-@ "
            f"(it becomes a tag), got {job_type.owner!r}"
        )
    return tags | {"workerless:owner": job_type.owner}


def stage_tags(stage: Stage) -> dict[str, str]:
    """What every resource of ``stage`` is tagged with."""
    return {"workerless:stage": stage.name}
