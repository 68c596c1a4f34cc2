"""Going back to a version that was, without a deployment: ``live`` stands for it again."""

from workerless.audit import AuditTrail
from workerless.errors import JobStateError, OperationRefusedError
from workerless.naming import LIVE
from workerless.operations.desk import Desk
from workerless.operations.release_service import Moved
from workerless.versions import Versions

_MAX_WHY = 500


class ReleaseControl:
    """That of one stage, in the hands of one operator."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def versions(self, job_type: str) -> Versions:
        address = self._desk.directory.find(job_type)
        if address.in_containers:
            raise OperationRefusedError(
                f"jobs of {job_type} run in containers, got no version to move; deploy the image "
                "of the release before"
            )
        found = self._desk.aliases.versions(address.function)
        if found is None:
            raise OperationRefusedError(
                f"function {address.function} has no alias {LIVE}; deploy the stack of {job_type}"
            )
        return found

    def job_types(self, job_type: str) -> tuple[str, ...]:
        function = self._desk.directory.find(job_type).function
        known = self._desk.directory.all()
        return tuple(sorted(one.job_type for one in known if one.function == function))

    def back(self, job_type: str, *, why: str, version: int | None = None) -> Moved:
        if not why.strip() or len(why) > _MAX_WHY:
            raise OperationRefusedError(
                f"why must be 1 to {_MAX_WHY} characters and not blank, got {why!a:.60}"
            )
        found = self.versions(job_type)
        to = _target(found, version)
        moved = Moved(
            function=found.function,
            job_types=self.job_types(job_type),
            was=(found.live, *found.shares),
            to=to,
        )
        was = " and ".join(str(one) for one in moved.was)
        with AuditTrail(self._desk).noted("go back", f"{found.function} {was} to {to}", why=why):
            _check(found, to)
            self._desk.aliases.move(found, to)
        return moved


def _target(found: Versions, version: int | None) -> int:
    there_are = [one.number for one in found.all]
    wanted = found.before() if version is None else version
    if wanted is None:
        raise OperationRefusedError(
            f"version {found.live} of {found.function} is the first that is there; name another "
            f"with version: {there_are}"
        )
    if wanted not in there_are:
        raise OperationRefusedError(
            f"version must be one of {found.function}, {there_are}, got {wanted}"
        )
    return wanted


def _check(found: Versions, to: int) -> None:
    if found.deployment is not None:
        raise JobStateError(
            f"CodeDeploy moves {LIVE} of {found.function} now; `aws deploy stop-deployment "
            f"--auto-rollback-enabled --deployment-id {found.deployment}` takes it back"
        )
    if to == found.live and not found.shares:
        raise JobStateError(f"version {to} of {found.function} is live already")
