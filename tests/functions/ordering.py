"""A shop in memory: its books, and workers in which a step goes wrong when told to."""

from collections import Counter, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from functions.cancel_order.handler import cancel
from functions.cancel_order.job import cancel_order
from functions.charge_payment.handler import charge
from functions.charge_payment.job import charge_payment
from functions.confirm_order.handler import confirm
from functions.confirm_order.job import confirm_order
from functions.process_order.ledger import Entry, Ledger, book
from functions.process_order.workflow import process_order
from functions.refund_payment.handler import refund
from functions.refund_payment.job import refund_payment
from functions.release_stock.handler import release
from functions.release_stock.job import release_stock
from functions.reserve_stock.handler import reserve
from functions.reserve_stock.job import reserve_stock
from functions.validate_order.handler import validate
from functions.validate_order.job import PRICES, validate_order
from workerless import Fail, JobType
from workerless.execution.context import JobContext
from workerless.redrive import Redrive
from workerless.resend import resent
from workerless.run_handle import Run
from workerless.states import State
from workerless.testing.crash import ProcessDeath
from workerless.testing.stage import InMemoryStage
from workerless.worker import Worker, worker

STOCK = {"tea": 10, "cup": 5}
CREDIT = {"ada": 10_000, "bob": 2_000}
GOODS = {"tea": 2, "cup": 1}
CENTS = 2 * PRICES["tea"] + PRICES["cup"]


@dataclass
class InMemoryLedger:
    """See ``Ledger``. Whoever reads an entry may be overtaken: ``meanwhile`` is called then."""

    entries: dict[str, Entry] = field(default_factory=dict)
    balances: Counter[str] = field(default_factory=Counter)
    meanwhile: Callable[[], None] | None = None

    def entry(self, name: str) -> Entry:
        seen = self.entries.get(name, Entry(name=name))
        if self.meanwhile is not None:
            overtake, self.meanwhile = self.meanwhile, None
            overtake()
        return seen

    def balance(self, account: str) -> int:
        return self.balances[account]

    def write(self, entry: Entry, changes: Mapping[str, int]) -> bool:
        before = self.entries.get(entry.name, Entry(name=entry.name))
        short = any(amount < 0 and self.balances[of] + amount < 0 for of, amount in changes.items())
        if before.version != entry.version - 1 or short:
            return False
        self.entries[entry.name] = entry
        self.balances.update(changes)
        return True


# What happens to one run of a job: it fails for good, it fails, or its process dies; before its
# effect or after it.
type Fault = tuple[str, str]
FAULTS: list[Fault] = [
    (what, when) for what in ("fails", "trips", "dies") for when in ("before", "after")
]


class Shop:
    """``faults`` are those of the next runs of a job type, in their order; None for a good one."""

    def __init__(self, ledger: Ledger | None = None) -> None:
        self.ledger = ledger or InMemoryLedger()
        self.faults: dict[str, deque[Fault | None]] = {}
        self.done: list[str] = []
        self.stage = InMemoryStage(
            worker(validate_order)(self._risky(validate_order, lambda order, **_: validate(order))),
            self._hired(reserve_stock, reserve),
            self._hired(charge_payment, charge),
            self._hired(confirm_order, confirm),
            self._hired(release_stock, release),
            self._hired(refund_payment, refund),
            self._hired(cancel_order, cancel),
        )
        book(self.ledger, "opening", opening(), by="opening")

    def spoil(self, job_type: str, *faults: Fault | None) -> None:
        self.faults[job_type] = deque(faults)

    def order(
        self, order_id: str = "7", customer: str = "ada", goods: Mapping[str, int] | None = None
    ) -> Run:
        asked = process_order(order_id, customer=customer, goods=goods or GOODS)
        return self.stage.client.start(asked, workflow_id=f"order-{order_id}")

    def redrive_what_failed(self) -> list[str]:
        """The types of the jobs that had failed; an operator has them run again."""
        doubles, now = self.stage.doubles, self.stage.clock.now()
        failed = [one for one in doubles.store.records() if one.state is State.FAILED]
        for one in failed:
            doubles.store.redrive_many([Redrive(seen=one, by="ada", at=now, run_at=now)])
            (again,) = doubles.store.get_many([one.job_id])
            assert again is not None
            address = doubles.directory.find(one.job_type).queue
            doubles.queue.send_many(address, [resent(again, now)])
        self.stage.run_all()
        return [one.job_type for one in failed]

    def _hired(self, job_type: JobType[Any, Any], effect: Callable[..., Any]) -> Worker:
        return worker(job_type)(self._risky(job_type, partial(effect, ledger=self.ledger)))

    def _risky(
        self, job_type: JobType[Any, Any], effect: Callable[..., Any]
    ) -> Callable[[Any, JobContext], Any]:
        def perform(order: Any, job: JobContext) -> Any:
            faults = self.faults.get(job_type.name)
            what, when = (faults.popleft() if faults else None) or ("", "")
            if when == "before":
                self._go_wrong(what)
            result = effect(order, by=job.job_id)
            self.done.append(job_type.name)
            if when == "after":
                self._go_wrong(what)
            return result

        return perform

    def _go_wrong(self, what: str) -> None:
        if what == "fails":
            raise Fail("it was not to be")
        if what == "trips":
            raise ConnectionError("no answer")
        self.stage.doubles.store.caller_is_dead = True
        raise ProcessDeath


def opening() -> dict[str, int]:
    stock = {f"stock:{sku}": count for sku, count in STOCK.items()}
    return stock | {f"credit:{customer}": cents for customer, cents in CREDIT.items()}


def books(ledger: Ledger) -> dict[str, int]:
    """What has left the accounts since they were opened, and what was confirmed. Not what is 0."""
    told = {f"taken:{account}": had - ledger.balance(account) for account, had in opening().items()}
    confirmed = [f"sold:{sku}" for sku in STOCK] + [f"spent:{customer}" for customer in CREDIT]
    told |= {account: ledger.balance(account) for account in confirmed}
    return {account: amount for account, amount in told.items() if amount}


def sale(*, customer: str = "ada", goods: Mapping[str, int] = GOODS) -> dict[str, int]:
    """The books after this one order: stock reserved is stock confirmed, and money, too."""
    cents = sum(PRICES[sku] * count for sku, count in goods.items())
    return {
        **{f"taken:stock:{sku}": count for sku, count in goods.items()},
        **{f"sold:{sku}": count for sku, count in goods.items()},
        f"taken:credit:{customer}": cents,
        f"spent:{customer}": cents,
    }
