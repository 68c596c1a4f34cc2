"""What holds between the resources of every stage, and that each relation can be broken."""

from collections.abc import Callable, Iterator

import pytest

from tests.infra.cloud import Cloud
from tests.infra.naive import NAIVE
from tests.infra.relations.access import ACCESS_RELATIONS
from tests.infra.relations.alarm import ALARM_RELATIONS
from tests.infra.relations.api import API_RELATIONS
from tests.infra.relations.data import DATA_RELATIONS
from tests.infra.relations.files import FILE_RELATIONS
from tests.infra.relations.queue import QUEUE_RELATIONS
from tests.infra.relations.scheduler import SCHEDULER_RELATIONS

type Relation = Callable[[Cloud], Iterator[str]]

RELATIONS = (
    *QUEUE_RELATIONS,
    *ACCESS_RELATIONS,
    *SCHEDULER_RELATIONS,
    *DATA_RELATIONS,
    *FILE_RELATIONS,
    *ALARM_RELATIONS,
    *API_RELATIONS,
)


@pytest.mark.parametrize("stage", ["local", "prod"])
@pytest.mark.parametrize("relation", RELATIONS, ids=lambda relation: relation.__name__)
def test_relation_holds(relation: Relation, stage: str, clouds: Callable[[str], Cloud]) -> None:
    assert list(relation(clouds(stage))) == []


@pytest.mark.parametrize("relation", RELATIONS, ids=lambda relation: relation.__name__)
def test_naive_template_breaks_relation(relation: Relation) -> None:
    assert list(relation(NAIVE)) != []
