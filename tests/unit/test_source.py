"""source: what a job type may hear of, and what is refused where it is declared."""

from collections.abc import Callable
from typing import Annotated, Any

import pytest
from pydantic import Field

from workerless.errors import DeclarationError
from workerless.job_type import JobType
from workerless.payload import Payload
from workerless.source import FromEventBridge, FromS3, FromSns, ObjectEvent, watches_files

TOPIC = "arn:{partition}:sns:{region}:{account}:news"
PLACED = {"source": ["shop"], "detail-type": ["OrderPlaced"]}
Refused = Callable[[], object]


class Order(Payload):
    """An order to look at."""

    order_id: Annotated[str, Field(alias="orderId")]
    note: str = ""


def orders(**changes: Any) -> FromEventBridge:
    return FromEventBridge(**{"name": "orders", "pattern": PLACED} | changes)


def uploads(**changes: Any) -> FromS3:
    return FromS3(**{"name": "uploads", "prefix": "uploads/"} | changes)


def news(**changes: Any) -> FromSns:
    return FromSns(**{"name": "news", "topic": TOPIC} | changes)


def declared(*sources: Any) -> JobType[Order]:
    return JobType(name="look_at", payload=Order, sources=sources)


@pytest.mark.parametrize(
    "source",
    [
        orders(),
        orders(fields={"orderId": "$.detail.order.id"}, id_from="$.detail.order.id"),
        orders(fields={"orderId": "$.detail.lines[0].id", "note": "$.detail-type"}),
        orders(pattern={"detail": {"price": [{"numeric": [">", 10]}]}}, bus="shop-{stage}"),
        uploads(fields={"orderId": "$.detail.object.key"}),
        uploads(bucket="shop-files", prefix="", fields={"orderId": "$.detail.object.key"}),
        uploads(on=(ObjectEvent.DELETED,), fields={"orderId": "$.detail.object.key"}),
        news(),
        news(filter={"kind": ["a"]}, by_body=True),
    ],
    ids=repr,
)
def test_source_can_be_declared(source: Any) -> None:
    assert declared(source).sources == (source,)
    assert source.description


@pytest.mark.parametrize(
    ("make", "problem"),
    [
        (lambda: orders(name="Orders"), "name must be"),
        (lambda: orders(name="x" * 41), "name must be 1 to 40"),
        (lambda: orders(pattern={}), "one field at least"),
        (lambda: orders(pattern={"source": "shop"}), r"pattern.source must be a list"),
        (lambda: orders(pattern={"detail": {"a": []}}), r"pattern.detail.a must be a list"),
        (lambda: orders(pattern={"source": [object()]}), "pattern must be JSON"),
        (lambda: orders(pattern={"source": ["x" * 2_048]}), "at most 2048 characters"),
        (lambda: orders(fields={"orderId": "detail.id"}), "paths like"),
        (lambda: orders(fields={"orderId": "$.detail.*"}), "paths like"),
        (lambda: orders(fields={"<a>": "$.detail.id"}), "names of letters"),
        (lambda: orders(fields={f"f{n}": "$.id" for n in range(91)}), "at most 90"),
        (lambda: orders(id_from="order"), "id_from must be a path"),
        (lambda: orders(bus="{region.name}"), "placeholders"),
        (lambda: uploads(prefix=""), "a folder of your own"),
        (lambda: uploads(prefix="pay"), "a folder of your own"),
        (lambda: uploads(prefix="results/look_at/"), "a folder of your own"),
        (lambda: uploads(on=("Object Created",)), "a tuple of ObjectEvent"),
        (lambda: uploads(on=()), "one at least"),
        (lambda: news(topic="news"), "topic must be an ARN"),
        (lambda: news(filter={"kind": "a"}), r"filter.kind must be a list"),
        (lambda: news(by_body=True), "False without a filter"),
        (lambda: declared("orders"), "must be a tuple of FromEventBridge, FromS3 and FromSns"),
        (lambda: declared(orders(), news(name="orders")), "its own in look_at"),
        (lambda: declared(*(news(name=f"n{n}") for n in range(11))), "at most 10, got 11"),
        (lambda: declared(orders(fields={"order": "$.detail.id"})), "has no 'order'"),
        (lambda: declared(orders(fields={"note": "$.detail.id"})), "needs 'orderId'"),
        (lambda: declared(uploads()), "has no 'bucket'"),
    ],
)
def test_what_cannot_be_is_refused(make: Refused, problem: str) -> None:
    with pytest.raises(DeclarationError, match=problem):
        make()


def test_bucket_is_watched_only_for_who_hears_of_its_objects() -> None:
    own = uploads(fields={"orderId": "$.detail.object.key"})
    others = uploads(bucket="shop-files", fields={"orderId": "$.detail.object.key"})

    assert watches_files(declared(own))
    assert not watches_files(declared(others, orders(), news()))
