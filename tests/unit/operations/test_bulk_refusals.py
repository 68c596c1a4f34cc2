"""Bulk operations that cannot be: refused, naming what is wrong, and nothing was begun."""

from dataclasses import replace
from typing import Any

import pytest

from tests.unit.operations.ward import DEAD, LOOSE, Ward
from workerless.errors import OperationRefusedError, UnknownJobTypeError
from workerless.ledger import Canary, Kind
from workerless.search import Search
from workerless.states import State


@pytest.mark.parametrize(
    ("kind", "options", "said"),
    [
        (Kind.RETRY, {"search": Search()}, "name it"),
        (
            Kind.RETRY,
            {"search": replace(DEAD, states=frozenset({State.COMPLETED}))},
            "got completed",
        ),
        (Kind.CANCEL, {"search": replace(DEAD, states=frozenset({State.FAILED}))}, "got failed"),
        (Kind.RETRY, {"rate": 0.0}, "rate must be"),
        (Kind.RETRY, {"rate": float("nan")}, "rate must be"),
        (Kind.RETRY, {"rate": 1e9}, "rate must be"),
        (Kind.DISCARD, {"canary": Canary()}, "retry only"),
        (Kind.RETRY, {"canary": Canary(stages=())}, "stages"),
        (Kind.RETRY, {"canary": Canary(stages=(1, 0))}, "stages"),
        # The jobs of a stage lie in one item.
        (Kind.RETRY, {"canary": Canary(stages=(1, 1_001))}, "stages"),
        (Kind.RETRY, {"canary": Canary(stages=(1,) * 11)}, "stages"),
        (Kind.RETRY, {"canary": Canary(max_failure_ratio=1.5)}, "ratio"),
    ],
)
def test_operation_that_cannot_be_is_refused_and_not_begun(
    kind: Kind, options: dict[str, Any], said: str
) -> None:
    ward = Ward()

    with pytest.raises(OperationRefusedError, match=said):
        ward.operations.bulk.start(kind, **{"search": DEAD, **options})

    assert (ward.ledger.operations().items, ward.ledger.entries().items) == ((), ())


def test_canary_of_an_untracked_type_is_refused() -> None:
    with pytest.raises(OperationRefusedError, match="tracking of visit is off"):
        Ward(LOOSE).operations.bulk.start(Kind.RETRY, DEAD, canary=Canary())


def test_unknown_job_type_is_refused() -> None:
    with pytest.raises(UnknownJobTypeError):
        Ward().operations.bulk.start(Kind.RETRY, Search(job_type="nobody"))
