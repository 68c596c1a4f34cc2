"""What an order is made of; its steps take these as fields of their payloads."""

from datetime import timedelta
from typing import Annotated

from pydantic import Field, StringConstraints

from workerless import Allow, Exponential

MOST_GOODS = 20

OrderId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$")]
Customer = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_.-]{0,63}$")]
Cents = Annotated[int, Field(ge=1)]
Sku = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,39}$")]
# How many of each; a transaction holds an entry and an account for each.
Goods = Annotated[
    dict[Sku, Annotated[int, Field(ge=1, le=1_000)]], Field(min_length=1, max_length=MOST_GOODS)
]

# Ours are rows of the stage's table that begin so, and nobody else's are.
LEDGER = "SHOP#"
LEDGER_RIGHTS = (
    Allow(
        actions=("dynamodb:BatchGetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"),
        resources=("arn:{partition}:dynamodb:{region}:{account}:table/workerless-{stage}",),
        conditions={"ForAllValues:StringLike": {"dynamodb:LeadingKeys": (f"{LEDGER}*",)}},
    ),
)
# Orders of the same goods meet at the same account: one of them goes first.
RETRY = Exponential(attempts=8)
# One whose process was killed is done again once this is over.
TIMEOUT = timedelta(seconds=30)
