"""Groups of dead jobs: what there is, and what people say of it."""

from workerless.http.desk import Desk
from workerless.http.shape_of_dead import Done, GroupList, Word
from workerless.http.view import group_shape

_TAGS = ["groups"]


def add(desk: Desk) -> None:
    """Adds the routes below ``/queues/{job_type}/groups``."""
    path = "/queues/<job_type>/groups"

    @desk.app.get(path, operation_id="listGroups", tags=_TAGS)
    def list_groups(job_type: str) -> GroupList:
        """Dead jobs of one type by what they failed of, the largest group first."""
        found = desk.operations.groups.list(desk.queue(job_type))
        return GroupList(groups=[group_shape(one) for one in found])

    @desk.app.post(f"{path}/<fingerprint>/resolve", operation_id="resolveGroup", tags=_TAGS)
    def resolve(job_type: str, fingerprint: str, word: Word | None = None) -> Done:
        """Say that the cause is gone."""
        why = word.why if word else None
        desk.operations.groups.resolve(desk.queue(job_type), fingerprint, why=why)
        return Done(success=True)

    @desk.app.post(f"{path}/<fingerprint>/ignore", operation_id="ignoreGroup", tags=_TAGS)
    def ignore(job_type: str, fingerprint: str, word: Word | None = None) -> Done:
        """Say that nobody shall look at it."""
        why = word.why if word else None
        desk.operations.groups.ignore(desk.queue(job_type), fingerprint, why=why)
        return Done(success=True)

    @desk.app.post(f"{path}/<fingerprint>/reopen", operation_id="reopenGroup", tags=_TAGS)
    def reopen(job_type: str, fingerprint: str, word: Word | None = None) -> Done:
        """Take back what was said."""
        why = word.why if word else None
        desk.operations.groups.reopen(desk.queue(job_type), fingerprint, why=why)
        return Done(success=True)
