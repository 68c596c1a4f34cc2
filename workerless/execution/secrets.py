"""The sensitive values of jobs at hand, which no text about them may quote."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from workerless.execution.admission import Admitted
from workerless.job_type import JobType
from workerless.sensitive import paths_of, texts
from workerless.upcast import upcast

_ALL = ("",)


def secrets_of(runs: Sequence[Admitted], job_type: JobType[Any, Any]) -> frozenset[str]:
    """Those in the payloads of ``runs``, as texts."""
    hidden = paths_of(job_type.payload)
    if not hidden:
        return frozenset()
    return frozenset[str]().union(*(_secrets(run, job_type, hidden) for run in runs))


def refused(run: Admitted, job_type: JobType[Any, Any]) -> frozenset[str]:
    """All that is in a payload which its model refused: what is what in it, nobody knows."""
    if not paths_of(job_type.payload):
        return frozenset()
    return frozenset(texts(run.arrival.message.data, _ALL))


def all_of(model: BaseModel) -> frozenset[str]:
    """Whatever is in ``model``, as texts: of one that cannot be written nobody knows more."""
    return frozenset(texts(_plain(model), _ALL))


def _plain(value: Any) -> Any:
    """``value`` with lists of values for models and sets."""
    if isinstance(value, BaseModel):
        return [_plain(one) for one in vars(value).values()]
    if isinstance(value, Mapping):
        return {str(name): _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(one) for one in value]
    return value


def _secrets(run: Admitted, job_type: JobType[Any, Any], hidden: tuple[str, ...]) -> set[str]:
    message = run.arrival.message
    try:
        data = upcast(
            message.data,
            version=message.version,
            present=job_type.version,
            upcasters=job_type.upcasters,
        )
    except Exception:  # noqa: BLE001 -- an upcaster is a team's own code
        return texts(message.data, _ALL)  # what is what, nobody knows
    return texts(data, hidden)
