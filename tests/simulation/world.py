"""A whole world from one number: its plan, its faults, and what is left once they stop."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import chain, repeat
from random import Random

from tests.simulation.broker import Broker
from tests.simulation.fault import Faults
from tests.simulation.fleet import Fleet
from tests.simulation.ground import Ground
from tests.simulation.history import History, Note, Outlived, Rest, Wrote
from tests.simulation.job import Act
from tests.simulation.letters import is_filed, letters, looks_at
from tests.simulation.operating import Operators
from tests.simulation.plan import (
    JobPlan,
    Plan,
    contested,
    draw_plan,
    draw_tracking,
    lengthened,
    tracked_as,
)
from tests.simulation.process import Process
from tests.simulation.producer import Producer
from tests.simulation.store import ForgetfulStore
from workerless import OnUnknownOutcome
from workerless.due import SHARDS
from workerless.limits import MAX_PAYLOAD_BYTES, MAX_WAIT
from workerless.payload import digest
from workerless.record import Record
from workerless.testing.blobs import InMemoryBlobs
from workerless.testing.clock import START, FakeClock
from workerless.testing.flow.stores import InMemoryFlow

# Steps until the faults stop, and until a world that is still busy counts as stuck.
_FAULTY_STEPS = 400
_MOST_STEPS = 4_000
# Nothing in a plan waits so long: a job that has not ended by then never will.
_END = START + timedelta(days=120)
_SWEEP_EVERY = timedelta(minutes=1)


class World:
    """One schedule. ``sweep`` is called each minute in which a job is due, if there is one.

    ``operated`` has people decide about failed jobs, ``long`` some jobs keep checkpoints. After
    ``faulty_steps`` nothing goes wrong any more.
    """

    def __init__(
        self,
        seed: int,
        *,
        plan: Plan | None = None,
        sweep: "Callable[[World], None] | None" = None,
        operated: bool = False,
        long: bool = False,
        faulty_steps: int = _FAULTY_STEPS,
    ) -> None:
        rng = Random(seed)
        # By dice of its own: what else a seed means has nothing to do with it.
        drawn = plan or tracked_as(draw_tracking(Random(f"tracking {seed}")), draw_plan(rng))
        self.plan: Plan = lengthened(drawn, Random(f"long {seed}")) if long else drawn
        self.ground = _ground(self.plan, rng)
        self._sweep = sweep
        self._faulty_steps = faulty_steps
        self._swept_at = self.ground.now
        self._steps = 0
        self.scripts = _scripts(self.plan.jobs)
        self._operators = Operators(
            ground=self.ground, scripts=self.scripts, dice=Random(f"operators {seed}")
        )
        self._is_operated = operated
        self._producer = Producer(self.ground, self.plan.jobs)
        self._fleet = Fleet(self.ground, self.plan, self.scripts)

    def run(self) -> History:
        """Play it to the end."""
        ground = self.ground
        ground.tell(Note(text=repr(self.plan)))
        self._producer.start()
        if self._is_operated:
            self._operators.start()
        try:
            while self._steps < _MOST_STEPS and self._step():
                self._steps += 1
                if self._steps == self._faulty_steps:
                    ground.faults.budget = 0
        finally:
            self._fleet.close()
        ground.tell(self._rest())
        return ground.history

    def _step(self) -> bool:
        """Do what comes first; False when nothing is left to do."""
        ground = self.ground
        what = {
            self._poll: self._fleet.polls_at(),
            ground.do_next: ground.next_at(),
            self._sweep_once: self._sweeps_at(),
        }
        times = [(at, number, do) for number, (do, at) in enumerate(what.items()) if at is not None]
        if not times:
            return False
        at, _, do = min(times)
        if at > _END:
            self._steps = _MOST_STEPS
            return False
        ground.advance_to(at)
        do()
        return True

    def _poll(self) -> None:
        ground = self.ground
        for message in ground.broker.expire(ground.now):
            ground.tell(Outlived(job_id=message.job_id, message_id=message.message_id))
        self._fleet.poll()

    def _sweeps_at(self) -> datetime | None:
        """Each minute; those that would find nothing are left out."""
        if self._sweep is None:
            return None
        store, far = self.ground.store, self.ground.now + MAX_WAIT * 2
        due = [one.at for shard in range(SHARDS) for one in store.due(shard, before=far, limit=1)]
        due += looks_at(self.ground)
        due += [
            one.at
            for shard in range(SHARDS)
            for one in self.ground.containers.due(shard, before=far, limit=1)
        ]
        return max(min(due), self._swept_at + _SWEEP_EVERY) if due else None

    def _sweep_once(self) -> None:
        assert self._sweep is not None
        self._swept_at = self.ground.now
        self._sweep(self)

    def process(self, name: str) -> Process:
        """A process that is part of neither fleet nor producers: a sweeper's.

        ``start`` its work: then it may be slow and die as all others.
        """
        return Process(name=f"{name}-{self.ground.number()}", ground=self.ground)

    def records(self) -> list[Record]:
        """All there are, by the order of their making."""
        made = dict.fromkeys(wrote.after.job_id for wrote in self.ground.history.of(Wrote))
        found = self.ground.store.get_many(list(made))
        return [record for record in found if record is not None]

    def _rest(self) -> Rest:
        there = self.records()
        records = {record.job_id: record for record in there if not is_filed(record)}
        return Rest(
            records=records,
            letters=tuple(letters(self.ground, there)),
            is_quiet=self._steps < _MOST_STEPS,
            wants_letters=self.plan.job_type.dead_letter,
            repeats_the_unknown=(self.plan.job_type.on_unknown_outcome is OnUnknownOutcome.RETRY),
            tracking=self.plan.job_type.tracking,
            files=self._files(),
            texts={
                digest(job.task(text).model_dump()): text
                for job in self.plan.jobs
                for text in (job.text, contested(job.text))
            }
            | self._operators.texts,
        )

    def _files(self) -> dict[str, bytes]:
        blobs = self.ground.blobs
        keys = blobs.keys()
        return {key: blobs.get(key, limit_bytes=MAX_PAYLOAD_BYTES) for key in keys}


def _ground(plan: Plan, rng: Random) -> Ground:
    history = History()
    clock = FakeClock()
    store = ForgetfulStore(clock)
    return Ground(
        rng=rng,
        job_type=plan.job_type,
        clock=clock,
        store=store,
        blobs=InMemoryBlobs(clock),
        flow=InMemoryFlow(clock, store),
        broker=Broker(
            rng=rng,
            visibility=plan.job_type.visibility_timeout,
            max_receives=plan.job_type.max_receive_count,
        ),
        faults=Faults(rng=rng, rates=plan.rates, budget=plan.budget, cells=history.cells),
        history=history,
    )


def _scripts(jobs: Sequence[JobPlan]) -> dict[str, Iterator[Act]]:
    scripts: dict[str, Iterator[Act]] = {}
    for job in jobs:
        for text in (job.text, contested(job.text)):
            scripts[text] = chain(job.acts, repeat(job.last))
    return scripts
