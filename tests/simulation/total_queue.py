"""What went into a queue must come out of it, once: a checker of whole histories. Pure.

A history is plain tuples ``(process, type, function, job)``, in their order; a simulation, a chaos
run or a log can be written as one.

* ``function``: ``enqueue``; ``complete``, the job's work was accepted; ``end``, it ended in any
  other documented way (failed, discarded, cancelled, a dead letter).
* ``type``: ``invoke`` begins an operation of a process; ``ok`` says that it happened, ``fail`` that
  it certainly did not, ``info`` that nobody knows. One that is never concluded counts as ``info``.

An id names one job however often it is enqueued (that is what idempotency keys are for). A redrive
is an enqueueing of its own: give it a name of its own, as ``id/2``.

After Jepsen's ``total-queue``: https://jepsen-io.github.io/jepsen/jepsen.checker.html
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

type Operation = tuple[str, str, str, str]

_FUNCTIONS = frozenset({"enqueue", "complete", "end"})
_TYPES = frozenset({"invoke", "ok", "info", "fail"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What became of all jobs, each class a multiset of ids.

    ``ended``: enqueued for certain, ended once. ``recovered``: ended, though nobody knew that it
    was enqueued. ``maybe``: enqueued perhaps, never seen, which is allowed. The other three are
    broken promises: ``lost`` was acknowledged and never ended, ``duplicated`` ended again (counted
    beyond the first), ``unexpected`` ended though it was never enqueued, or had certainly failed to
    be.
    """

    ended: Counter[str]
    recovered: Counter[str]
    maybe: Counter[str]
    lost: Counter[str]
    duplicated: Counter[str]
    unexpected: Counter[str]

    def broken(self) -> list[str]:
        """A line for each broken promise, the worst kind first."""
        classes = ("lost", "duplicated", "unexpected")
        return [
            f"{name}: {job}" + (f" ({times} times)" if times > 1 else "")
            for name in classes
            for job, times in sorted(getattr(self, name).items())
        ]


def account(history: Iterable[Operation]) -> Account:
    """The classes of all jobs. Raises ``ValueError`` for what is no history.

    Only ``ok`` counts as an end: one that is not known to have happened must be looked up before
    the history ends, else its job counts as lost.
    """
    attempted, acknowledged, refused = Counter[str](), Counter[str](), Counter[str]()
    ends = Counter[str]()
    for kind, function, job in _concluded(history):
        if function != "enqueue":
            ends[job] += kind == "ok"
        else:
            attempted[job] += 1
            acknowledged[job] += kind == "ok"
            refused[job] += kind == "fail"
    certain = set(+acknowledged)
    possible = set(+(attempted - refused))
    seen = set(+ends)
    return Account(
        ended=Counter(certain & seen),
        recovered=Counter((possible - certain) & seen),
        maybe=Counter(possible - certain - seen),
        lost=Counter(certain - seen),
        duplicated=ends - Counter(seen),
        unexpected=Counter({job: ends[job] for job in seen - possible}),
    )


def _concluded(history: Iterable[Operation]) -> Iterable[tuple[str, str, str]]:
    """Each operation once, by how it ended."""
    going_on: Counter[tuple[str, str, str]] = Counter()
    for number, (process, kind, function, job) in enumerate(history):
        if kind not in _TYPES or function not in _FUNCTIONS:
            raise ValueError(
                f"operation {number} must be one of {sorted(_TYPES)} of {sorted(_FUNCTIONS)}, "
                f"got {kind!r} of {function!r}"
            )
        operation = (process, function, job)
        if kind == "invoke":
            going_on[operation] += 1
            continue
        if not going_on[operation]:
            raise ValueError(f"operation {number} concludes what {process} never invoked, {job!r}")
        going_on[operation] -= 1
        yield kind, function, job
    for _, function, job in going_on.elements():
        yield "info", function, job
