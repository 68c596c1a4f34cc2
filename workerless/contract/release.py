"""The contracts of a checkout: held to what it declares, and written when it is released."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from workerless.contract.check import Finding, findings
from workerless.contract.recorded import Contract, contract_of, path_of, recorded
from workerless.contract.samples import samples
from workerless.discovery import discover


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Of so many ``job_types``; ``unrecorded`` are those that have changed since, or are new."""

    job_types: int
    findings: tuple[Finding, ...]
    unrecorded: tuple[str, ...]

    @property
    def breaks(self) -> bool:
        return any(one.breaks for one in self.findings)


def look(root: Path) -> Report:
    """What a release of the checkout at ``root`` would do. Raises ``DeclarationError``."""
    declared = {one.job_type.name: one.job_type for one in discover(root)}
    before = recorded(root)
    return Report(
        job_types=len(declared),
        findings=tuple(findings(declared, before)),
        unrecorded=tuple(name for name, _ in _changed(root, before)),
    )


def record(root: Path) -> list[Path]:
    """Write what has changed, for the next release to be held to; the paths.

    To be called when nothing breaks: what is recorded is what is believed to be in queues.
    """
    written = []
    for name, contract in _changed(root, recorded(root)):
        path = path_of(root, name)
        path.parent.mkdir(exist_ok=True)
        path.write_text(contract.text(), encoding="utf-8")
        written.append(path)
    return written


def _changed(root: Path, before: dict[str, Contract]) -> Iterator[tuple[str, Contract]]:
    for found in discover(root):
        job_type = found.job_type
        was = before.get(job_type.name)
        now = contract_of(job_type, samples(root, job_type), was)
        if now != was:
            yield job_type.name, now
