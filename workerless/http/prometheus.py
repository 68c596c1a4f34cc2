"""The text that Prometheus reads. Pure.

https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
# Seconds; https://prometheus.io/docs/practices/histograms/ wants them the same for ever.
BUCKETS = (0.1, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One number. ``suffix`` is for the parts of a histogram."""

    labels: Mapping[str, str]
    value: float
    suffix: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """All samples of one name; ``kind`` is gauge or histogram."""

    name: str
    kind: str
    help: str
    samples: tuple[Sample, ...]


def text(families: Iterable[Family]) -> str:
    """The exposition. Whatever a label holds stays within its line."""
    return "".join(f"{line}\n" for family in families for line in _lines(family))


def histogram(labels: Mapping[str, str], seconds: Iterable[float]) -> tuple[Sample, ...]:
    """The samples of one histogram of durations."""
    durations = sorted(seconds)
    bounds = [*((bound, f"{bound:g}") for bound in BUCKETS), (float("inf"), "+Inf")]
    return (
        *(
            Sample(
                labels={**labels, "le": shown},
                value=sum(one <= bound for one in durations),
                suffix="_bucket",
            )
            for bound, shown in bounds
        ),
        Sample(labels=labels, value=sum(durations), suffix="_sum"),
        Sample(labels=labels, value=len(durations), suffix="_count"),
    )


def _lines(family: Family) -> Iterable[str]:
    yield f"# HELP {family.name} {_escaped(family.help)}"
    yield f"# TYPE {family.name} {family.kind}"
    for sample in family.samples:
        labels = ",".join(f'{name}="{_quoted(value)}"' for name, value in sample.labels.items())
        yield f"{family.name}{sample.suffix}{{{labels}}} {sample.value!r}"


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace("\n", "\\n")


def _quoted(value: str) -> str:
    return _escaped(value).replace('"', '\\"')
