"""Orders on the local cloud: some end in seconds, some meet a process that dies while it charges.

What kills it is written into the copy of the checkout: the real handler, and then SIGKILL.
"""

from collections.abc import Mapping
from pathlib import Path

from functions.process_order.ledger import book
from functions.process_order.table import TableLedger
from functions.process_order.workflow import process_order
from functions.validate_order.job import PRICES
from workerless import naming
from workerless.aws.clock import SystemClock
from workerless.aws.session import AwsClients
from workerless.aws.table import Table
from workerless.client import Client
from workerless.run_handle import Run

# Each order is a customer's of that name; this one has no money.
GOOD, POOR, KILLED, REFUSED = "good", "poor", "killed", "killed-refused"
GOODS = {"tea": 2, "cup": 1}
CENTS = 2 * PRICES["tea"] + PRICES["cup"]
OPENING = {f"stock:{sku}": 100 for sku in GOODS} | {
    f"credit:{customer}": 10_000 for customer in (GOOD, KILLED, REFUSED)
}
_CHARGE = "    charge(order, by=job.job_id, ledger=stage_ledger())\n"
_DIE = f"""{_CHARGE}    if order.order_id.startswith("{KILLED}") and job.attempt == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    if order.order_id == "{REFUSED}":
        raise Fail("the card was stolen meanwhile")
"""
_IMPORTS = "import os\nimport signal\n\nfrom workerless import Fail\n"


def have_charges_die(handler: Path) -> None:
    """In this copy the first attempt of some orders dies once the money is booked."""
    text = handler.read_text()
    assert text.count(_CHARGE) == 1
    docstring, rest = text.split("\n\n", 1)
    handler.write_text(f"{docstring}\n\n{_IMPORTS}{rest.replace(_CHARGE, _DIE)}")


def open_shop() -> TableLedger:
    """The books of the deployed stage; boto3 must talk to it. Opened once, however often."""
    ledger = ledger_of_stage()
    book(ledger, "opening", OPENING, by="opening")
    return ledger


def ledger_of_stage() -> TableLedger:
    return TableLedger(Table(AwsClients().dynamodb, naming.table("local"), SystemClock()))


def order(client: Client, customer: str) -> Run:
    asked = process_order(customer, customer=customer, goods=GOODS)
    return client.start(asked, workflow_id=f"order-{customer}")


def taken_of(customer: str, ledger: TableLedger) -> Mapping[str, int]:
    """What has left the customer's credit, and what is booked as spent."""
    credit = OPENING.get(f"credit:{customer}", 0)
    return {
        "taken": credit - ledger.balance(f"credit:{customer}"),
        "spent": ledger.balance(f"spent:{customer}"),
    }
