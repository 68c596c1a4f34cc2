"""Queues under rate limits, drained by many workers: how fast, at what price, and past whom."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.simulation.mutant import Mutant
from tests.simulation.rate_drain import SECOND, Call, Drain, most_in_a_window
from workerless import JobType, RateLimit
from workerless.flow import pacing, wish
from workerless.flow.settings import Override
from workerless.frozen import replace
from workerless.testing.clock import START
from workerless.testing.flow import rates

MINUTE = 60 * SECOND
type Make = Callable[..., Drain]


@pytest.fixture
def drain() -> Iterator[Make]:
    made: list[Drain] = []

    def make(*limits: RateLimit, workers: int, **options: Any) -> Drain:
        call = JobType(name="call", payload=Call, rate_limits=limits)
        made.append(Drain(job_type=call, workers=workers, **options))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.mark.parametrize("workers", [20, 300])
def test_two_thousand_jobs_at_a_hundred_a_second_take_the_ideal_time(
    drain: Make, workers: int
) -> None:
    """Twenty pace themselves by slots just ahead; three hundred send most jobs outside."""
    queue = drain(RateLimit(100, per=SECOND), workers=workers)
    queue.send([Call()] * 2_000)

    queue.run()

    assert len(queue.started) == 2_000
    assert most_in_a_window(queue.started, SECOND) <= 100
    took = max(start.at for start in queue.started) - START
    assert took <= 20 * SECOND * 1.1
    assert queue.flow.rates.writes <= 3 * 2_000
    print(f"{workers} workers: {took}, {queue.flow.rates.writes / 2_000:.2f} writes a job")


def test_a_key_with_a_line_holds_up_no_other_and_hides_few_messages(drain: Make) -> None:
    """One look a job of the noisy key, then its backlog is out of the queue.

    A look takes a worker 40 ms: 50 workers need 160 s for those of 200,000 jobs, and all others
    start at once from then on. In flight are those that are due within 30 s, however many wait.
    """
    count = 5_000
    queue = drain(RateLimit(1, per=SECOND, key="customer"), workers=50)
    queue.send([Call(customer="noisy")] * count)
    queue.send([Call(customer=f"quiet {number % 20}") for number in range(300)], every=0.5 * SECOND)

    queue.run(150 * SECOND)

    quiet = [start for start in queue.started if start.payload.customer != "noisy"]
    assert len(quiet) == 300
    looked = START + count * 0.04 * SECOND / 50
    assert max(start.waited for start in quiet if start.at > looked + SECOND) < SECOND / 10
    noisy = len(queue.started) - len(quiet)
    assert 105 <= noisy <= 150
    assert queue.most_hidden <= 31
    assert queue.flow.rates.writes <= 1.1 * count + 4 * noisy + 2 * 300


def pressed(drain: Make, seed: int) -> tuple[Drain, bool]:
    """A drain in which much goes wrong, and whether it kept to its limit."""
    limit, per = (30, SECOND) if seed % 2 else (40, 10 * SECOND)
    law = RateLimit(limit, per=per)
    if seed > 2:
        law = RateLimit(limit, per=per, points="points", burst=seed * 2)
    options = {"slow": 0.05, "dies": 0.02, "skew": per / 100, "seed": seed}
    queue = drain(law, workers=10 + 20 * seed, **options)
    queue.send([Call(points=1 + number % 5 if seed > 2 else 1) for number in range(300)])
    queue.run()
    return queue, most_in_a_window(queue.started, per) <= limit


def sharded(drain: Make) -> tuple[Drain, bool]:
    """A limit too fast for one limiter, and whether its shards kept to it together."""
    queue = drain(RateLimit(1_000, per=SECOND), workers=400)
    queue.send([Call()] * 3_000)
    queue.run()
    return queue, most_in_a_window(queue.started, SECOND) <= 1_000


@pytest.mark.parametrize(("rate", "busy"), [(10, 1), (1, 20)])
def test_few_workers_sleep_for_no_busy_key_while_others_wait(
    drain: Make, rate: int, busy: int
) -> None:
    """The price: slots pass unused now and then, as nobody stands waiting for them."""
    queue = drain(RateLimit(rate, per=SECOND, key="customer"), workers=5)
    queue.send([Call(customer=f"busy {number % busy}") for number in range(2_000)])
    queue.run(30 * SECOND)  # a look takes a worker 40 ms
    before = len(queue.started)
    quiet = [Call(customer=f"quiet {number}") for number in range(300)]
    queue.send(quiet, every=SECOND / 10)

    queue.run(62 * SECOND)

    waits = [start.waited for start in queue.started if start.payload.customer.startswith("quiet")]
    assert len(waits) == 300
    assert max(waits) < 4 * SECOND
    pace = (len(queue.started) - before - 300) / 32 / (rate * busy / 1.05)
    assert pace > 0.65
    print(
        f"others wait {sum(waits, 0 * SECOND) / 300}, at most {max(waits)}; {pace:.0%} of the pace"
    )


@pytest.mark.parametrize("seed", range(6))
def test_the_limit_holds_with_slow_calls_deaths_and_clocks_apart(drain: Make, seed: int) -> None:
    queue, holds = pressed(drain, seed)

    assert len(queue.started) == 300
    assert holds


def test_a_thousand_a_second_are_shared_by_shards(drain: Make) -> None:
    queue, holds = sharded(drain)

    assert len(queue.started) == 3_000
    assert holds
    assert max(start.at for start in queue.started) - START <= 4 * SECOND


def test_two_limits_hold_together_and_the_slower_one_sets_the_pace(drain: Make) -> None:
    fast, slow = RateLimit(50, per=SECOND), RateLimit(600, per=MINUTE, name="slow")
    queue = drain(fast, slow, workers=100)
    queue.send([Call()] * 1_000)

    queue.run()

    assert len(queue.started) == 1_000
    assert most_in_a_window(queue.started, SECOND) <= 50
    assert most_in_a_window(queue.started, MINUTE) <= 600
    assert max(start.at for start in queue.started) - START <= 100 * SECOND * 1.1


def test_places_that_were_cancelled_are_used_by_who_comes_then(drain: Make) -> None:
    """Not by who came while the last slots were still taken: these have places of their own."""
    queue = drain(RateLimit(20, per=SECOND), workers=30)
    queue.send([Call(customer="gone")] * 2_000)
    queue.run(10 * SECOND)
    queue.forget(lambda call: call.customer == "gone")
    queue.send([Call()] * 100, every=0.1 * SECOND)

    queue.run(30 * SECOND)

    waits = [start.waited for start in queue.started if start.payload.customer != "gone"]
    assert len(waits) >= 80
    assert max(waits) < SECOND


@pytest.mark.parametrize("workers", [10, 100])
def test_another_limit_is_kept_within_four_seconds(drain: Make, workers: int) -> None:
    """Lower, nothing, higher again. Two until all know, two for slots that were given before."""
    queue = drain(RateLimit(40, per=SECOND), workers=workers)
    queue.send([Call()] * 1_000)
    for moment, limit in ((5, 10), (15, 0), (25, 30)):
        queue.run(moment * SECOND)
        override = Override(by="ada", at=queue.now, why="x", limit=limit)
        (before,) = queue.flow.settings.read_many(["call"])
        queue.flow.settings.save("call", replace(before, overrides={"rate:call": override}))

    queue.run()

    assert len(queue.started) == 1_000
    for begin, end, limit in ((0, 5, 40), (9, 15, 10), (19, 25, 0), (29, 1_000, 30)):
        times = (START + begin * SECOND, START + end * SECOND)
        during = [start for start in queue.started if times[0] <= start.at < times[1]]
        assert most_in_a_window(during, SECOND) <= limit
    last = max(start.at for start in queue.started) - START
    print(f"{workers} workers: the last of 1,000 jobs after {last}")


def _in_haste(*args: Any, **options: Any) -> pacing.Pace:
    return replace(pacing.pace_of(*args, **options), late_us=10**9)


def _whole(whole: int, *_: int) -> int:
    return whole


def _one(*_: Any) -> int:
    return 1


def _any(*_: Any) -> bool:
    return True


MUTANTS = (
    Mutant(fault="starts however late", owner=wish, name="pace_of", by=_in_haste),
    Mutant(fault="leaves nothing for clocks", owner=pacing, name="_TOLERANCE", by=10**9),
    Mutant(fault="gives each shard all of it", owner=wish, name="share", by=_whole),
    Mutant(fault="counts jobs instead of points", owner=wish, name="points_of", by=_one),
    Mutant(fault="takes slots that others took", owner=rates, name="may", by=_any),
)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.fault)
def test_drains_catch(drain: Make, mutant: Mutant) -> None:
    with mutant.at_work():
        assert not all(pressed(drain, seed)[1] for seed in range(6)) or not sharded(drain)[1]
