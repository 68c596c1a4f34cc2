"""What was measured: values of metrics, each with its time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """One metric; ``dimensions`` are pairs of name and value, sorted."""

    namespace: str
    name: str
    dimensions: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, namespace: str, name: str, /, **dimensions: str) -> "Metric":
        return cls(namespace=namespace, name=name, dimensions=tuple(sorted(dimensions.items())))

    def __str__(self) -> str:
        told = ", ".join(f"{name}={value}" for name, value in self.dimensions)
        return f"{self.namespace} {self.name} ({told})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One value as it was published; ``at`` in epoch seconds."""

    at: float
    value: float


# Those of each metric in order of time. What is not named was never published.
type Samples = Mapping[Metric, Sequence[Sample]]
