"""The place of a job in a batch or workflow, as its message and its record name it. Pure.

``<container>/<page>/<slot>``: a container is a batch or workflow, by its id. Its members' slots are
in pages, of which a workflow has but one: its own item, ``root``.
"""

import re

from workerless.frozen import frozen

ROOT = "root"
SLOT = re.compile(r"[A-Za-z0-9_:-]{1,64}")
PAGE = re.compile(r"root|[0-9a-f]{16}")
# The same as a job's id, and never with a slash.
CONTAINER_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,127}")
_MEMBERSHIP = re.compile(
    f"(?P<of>{CONTAINER_ID.pattern})/(?P<page>{PAGE.pattern})/(?P<slot>{SLOT.pattern})"
)


@frozen
class Membership:
    """One member's slot. A batch numbers those of a page, a workflow names them by their steps."""

    container_id: str
    page: str
    slot: str

    def __str__(self) -> str:
        return f"{self.container_id}/{self.page}/{self.slot}"


def read_membership(told: object) -> Membership:
    """What ``str`` made of it. Raises ``ValueError``."""
    match = _MEMBERSHIP.fullmatch(told) if isinstance(told, str) else None
    if match is None:
        raise ValueError(f"batchid must be <container>/<page>/<slot>, got {ascii(told)[:60]}")
    return Membership(container_id=match["of"], page=match["page"], slot=match["slot"])
