"""What of the checkout would break a release: messages that wait, and workers still to be replaced.

A message may be older than the code that reads it: it waited, it was parked, it is a dead letter.
And it may be newer: a release reaches its producers and workers one after another, and may go back.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Any

from pydantic import ValidationError

from workerless.contract.accepts import problems
from workerless.contract.recorded import Contract, schema_of
from workerless.contract.samples import fit
from workerless.contract.schema import Document, Flat
from workerless.execution.failure import invalid_payload
from workerless.job_type import JobType
from workerless.payload import read_payload


class Kind(StrEnum):
    """What is found of a job type. Stable: scripts decide by these."""

    GONE = "gone"
    LOWERED = "lowered"
    SAMPLE = "sample"
    WAITING = "waiting"
    OLD_WORKERS = "old_workers"
    IGNORED = "ignored"
    BARE = "bare"
    UNPROVEN = "unproven"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing; ``says`` what, ``fix`` what to do. One that ``breaks`` fails the check."""

    job_type: str
    kind: Kind
    breaks: bool
    says: str
    fix: str


def findings(
    declared: Mapping[str, JobType[Any, Any]], contracts: Mapping[str, Contract]
) -> list[Finding]:
    """What the release would break or leave behind, by job type; none for one never recorded."""
    found: list[Finding] = []
    for name, contract in contracts.items():
        job_type = declared.get(name)
        if job_type is None:
            found.append(_gone(name))
        elif job_type.version < contract.version:
            found.append(_lowered(job_type, contract))
        else:
            found += _Look(job_type, contract).all()
    return found


def _gone(name: str) -> Finding:
    return Finding(
        job_type=name,
        kind=Kind.GONE,
        breaks=True,
        says="is declared no more: nobody would run what is in its queue",
        fix=f"declare it until `workerless queues drain {name}` says of each stage that nothing is "
        f"left; then delete contracts/{name}.json. A new name is a new job type",
    )


def _lowered(job_type: JobType[Any, Any], contract: Contract) -> Finding:
    return Finding(
        job_type=job_type.name,
        kind=Kind.LOWERED,
        breaks=True,
        says=f"version is {job_type.version}, and was {contract.version}: messages of that would "
        "be taken for later ones",
        fix=f"raise it to {contract.version + 1}",
    )


@dataclass(frozen=True, slots=True)
class _Look:
    """One job type beside what is recorded of it; its version is that one or a later."""

    job_type: JobType[Any, Any]
    before: Contract

    def all(self) -> Iterator[Finding]:
        yield from self._samples()
        if not self._is_lifted:
            yield from self._waiting()
        yield from self._old_workers()
        yield from self._ignored()
        yield from self._bare()
        yield from self._unproven()

    @property
    def _schema(self) -> Flat:
        return schema_of(self.job_type, self.before.form)

    @property
    def _is_raised(self) -> bool:
        return self.job_type.version > self.before.version

    @property
    def _is_lifted(self) -> bool:
        """Whether code stands between the recorded schema and the model."""
        return any(self.before.version <= one for one in self.job_type.upcasters)

    def _samples(self) -> Iterator[Finding]:
        for number, sample in enumerate(self.before.payloads, start=1):
            if error := _error(partial(fit, self.job_type, sample)):
                yield self._finding(
                    Kind.SAMPLE,
                    f"payload {number}, of version {sample.version}, is read no more: {error}",
                    self._lift_from(sample.version),
                    breaks=True,
                )

    def _waiting(self) -> Iterator[Finding]:
        for one in problems(self._schema, self.before.schema_):
            yield self._finding(
                Kind.WAITING,
                f"messages that wait: {one.path} {one.says}",
                self._lift_from(self.before.version),
                breaks=True,
            )

    def _old_workers(self) -> Iterator[Finding]:
        """Workers keep a message of a later version that does not fit; any other fails at once."""
        fix = (
            "they wait an hour for their worker; after a longer roll-out, or once rolled back, "
            "redrive them"
            if self._is_raised
            else f"raise version to {self.before.version + 1}: workers of the release before then "
            "wait for the new ones, and do not fail these jobs"
        )
        for one in problems(self.before.schema_, self._schema):
            yield self._finding(
                Kind.OLD_WORKERS,
                f"workers still to be replaced: {one.path} {one.says}",
                fix,
                breaks=not self._is_raised,
            )

    def _ignored(self) -> Iterator[Finding]:
        if self._is_lifted:
            return
        there = Document(self._schema).fields()
        for path in sorted(Document(self.before.schema_).fields() - there):
            if path.rpartition(".")[0].rstrip("[]") in {*there, "payload"}:
                yield self._finding(
                    Kind.IGNORED,
                    f"{path} is read no more: what messages say there is lost",
                    "if it has another name now, raise version and rename it in an upcaster",
                )

    def _bare(self) -> Iterator[Finding]:
        """A bare message tells no version: no upcaster lifts it."""
        for sample in self.before.payloads if self._is_lifted else ():
            if error := _error(partial(read_payload, self.job_type.payload, sample.data)):
                yield self._finding(
                    Kind.BARE,
                    "a bare message as before is taken for the present version, and not read: "
                    f"{error}",
                    "drain the queue of bare messages first, or have their producers send "
                    f"dataschema urn:workerless:{self.job_type.name}:{self.before.version}",
                )
                return

    def _unproven(self) -> Iterator[Finding]:
        if any(one.version == self.before.version for one in self.before.payloads):
            return
        lifted = ": nothing shows that its upcaster is right" if self._is_lifted else ""
        yield self._finding(
            Kind.UNPROVEN,
            f"no payload of version {self.before.version} is recorded{lifted}",
            f"put a message of it into events/{self.job_type.name.replace('.', '_')}_bare.json",
        )

    def _lift_from(self, version: int) -> str:
        if not self._is_raised:
            return (
                f"raise version to {self.before.version + 1} and lift what waits with "
                f"upcasters={{{self.before.version}: ...}}"
            )
        return f"lift it with upcasters={{{version}: ...}}, which is missing or wrong"

    def _finding(self, kind: Kind, says: str, fix: str, *, breaks: bool = False) -> Finding:
        return Finding(job_type=self.job_type.name, kind=kind, breaks=breaks, says=says, fix=fix)


def _error(read: Callable[[], object]) -> str | None:
    try:
        read()
    except ValidationError as error:
        return invalid_payload(error)
    except Exception as error:  # noqa: BLE001 -- validators and upcasters are a team's own code
        return f"{type(error).__name__}: {error}"
    return None
