"""What of one job type's payloads and results people are not shown, as its stack published it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from workerless.errors import EnqueueRefusedError

if TYPE_CHECKING:
    from pydantic import BaseModel

# Each field of it; whether there is one may be seen.
_ALL = ("*",)
# Why a job failed whose payload is not what its model says: any value may be anywhere in it.
_MISFIT = "invalid_payload"
# A parameter of SSM takes 4 KiB, and there is more in it.
_MAX_CHARACTERS = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Hidden:
    """Paths as in ``sensitive``. ``version`` is that of the payloads which these paths are for."""

    payload: tuple[str, ...] = ()
    result: tuple[str, ...] = ()
    version: int = 1

    def data(self, data: Any, version: int | None, reason: str | None = None) -> Any:
        """A payload of ``version`` as it may be shown, of a job that ended for ``reason``.

        Of another version's nothing may be, nor of one that did not fit its model.
        """
        if not self.payload:
            return data
        from workerless.sensitive import redacted  # noqa: PLC0415 -- most have nothing to hide

        return redacted(data, self.paths(reason) if version in (None, self.version) else _ALL)

    def paths(self, reason: str | None) -> tuple[str, ...]:
        """What is hidden of a payload of this version, of a job that ended for ``reason``."""
        return _ALL if self.payload and reason == _MISFIT else self.payload

    def of_result(self, result: Any) -> Any:
        """The same of a result, JSON."""
        if not self.result:
            return result
        from workerless.sensitive import redacted  # noqa: PLC0415 -- as above

        return redacted(result, self.result)

    def body(self, body: str) -> str:
        """The same of a message that nobody can read."""
        from workerless.sensitive import REDACTED  # noqa: PLC0415 -- as above

        return REDACTED if self.payload and body else body

    def published(self) -> dict[str, Any]:
        """As JSON; empty where there is nothing to hide."""
        if not self.payload and not self.result:
            return {}
        return {
            "payload": list(self.payload),
            "result": list(self.result),
            "version": self.version,
        }


def check_seen(data: Any, payload: "type[BaseModel]") -> None:
    """Raises ``EnqueueRefusedError`` where ``data`` says what stands for a hidden value.

    Any field may have stood hidden, and one that is not sensitive takes every text.
    """
    if not hidden_in(payload, None, 1).payload:
        return
    from workerless.sensitive import REDACTED, texts  # noqa: PLC0415 -- as above

    if REDACTED in texts(data, ("",)):
        raise EnqueueRefusedError(
            f"{REDACTED} stands for a value that cannot be put back here; give the value",
            field="data",
        )


ALL = Hidden(payload=_ALL, result=_ALL, version=0)


def hidden_in(payload: "type[BaseModel]", result: "type[BaseModel] | None", version: int) -> Hidden:
    """What these models declare to be sensitive."""
    from workerless.sensitive import paths_of  # noqa: PLC0415 -- as above

    return Hidden(
        payload=_published(paths_of(payload)),
        result=_published(paths_of(result)) if result else (),
        version=version,
    )


def read_hidden(told: Any) -> Hidden | None:
    """What ``published`` gave. Where that cannot be made out, all is hidden."""
    if not told:
        return None
    try:
        return Hidden(
            payload=_paths(told["payload"]),
            result=_paths(told["result"]),
            version=int(told["version"]),
        )
    except (LookupError, TypeError, ValueError):
        return ALL


def _published(paths: tuple[str, ...]) -> tuple[str, ...]:
    return paths if len("".join(paths)) <= _MAX_CHARACTERS else _ALL


def _paths(told: Any) -> tuple[str, ...]:
    return tuple(str(one) for one in told)
