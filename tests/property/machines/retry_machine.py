"""One job that fails again and again, beside the arithmetic of its waits done over in fractions."""

from collections.abc import Callable
from datetime import timedelta
from fractions import Fraction
from random import Random

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from workerless import retry
from workerless.backoff import Backoff, Exponential, Fixed, Jitter, Linear, Listed
from workerless.retry import GiveUp, Retries
from workerless.signals import RetryAfter
from workerless.testing.clock import START

ROUNDING = Fraction(1, 100_000)
seconds = st.integers(0, 600)
jitters = st.sampled_from(Jitter)
caps = st.integers(1, 900).map(lambda n: timedelta(seconds=n))

type Curve = Callable[[int], Fraction]
type Shape = tuple[Backoff, Curve]


@st.composite
def shapes(draw: st.DrawFn) -> Shape:
    """A backoff and what its wait after attempt n is, in seconds, before cap and jitter."""
    first, jitter, cap = draw(seconds), draw(jitters), draw(caps)
    wait = timedelta(seconds=first)
    kind = draw(st.sampled_from(["exponential", "linear", "fixed", "listed"]))
    match kind:
        case "exponential":
            factor = draw(st.integers(1, 4))
            policy: Backoff = Exponential(first=wait, factor=factor, cap=cap, jitter=jitter)
            return policy, lambda n: Fraction(first) * factor ** (n - 1)
        case "linear":
            return Linear(first=wait, cap=cap, jitter=jitter), lambda n: Fraction(first) * n
        case "fixed":
            return Fixed(delay=wait, cap=cap, jitter=jitter), lambda _: Fraction(first)
        case _:
            waits = draw(st.lists(seconds, min_size=1, max_size=5))
            delays = tuple(timedelta(seconds=one) for one in waits)
            listed = Listed(delays=delays, cap=cap, jitter=jitter)
            return listed, lambda n: Fraction(waits[min(n, len(waits)) - 1])


class RetryMachine(RuleBasedStateMachine):
    """``clock`` is in seconds since the job first started."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = Fraction(0)
        self.starts = 1
        self.over = ""

    @initialize(
        usual=shapes(),
        network=shapes(),
        most=st.integers(1, 12),
        within=st.none() | st.integers(1, 2_000),
        seed=st.integers(),
    )
    def begin(self, usual: Shape, network: Shape, most: int, within: int | None, seed: int) -> None:
        self.usual, self.network, self.most, self.within = usual, network, most, within
        self.rng = Random(seed)
        self.retries = Retries(
            policy=usual[0],
            by_error={ConnectionError: network[0]},
            give_up_on=(LookupError,),
            within=None if within is None else timedelta(seconds=within),
        )

    @rule(took=st.integers(0, 30))
    def work(self, took: int) -> None:
        self.clock += took

    @precondition(lambda self: not self.over)
    @rule()
    def fail(self) -> None:
        self._fail(ValueError(), self.usual)

    @precondition(lambda self: not self.over)
    @rule()
    def fail_by_the_network(self) -> None:
        self._fail(ConnectionResetError(), self.network)

    @precondition(lambda self: not self.over)
    @rule(asked=st.integers(0, 300))
    def be_told_when_to_come_back(self, asked: int) -> None:
        delay = self._plan(RetryAfter(timedelta(seconds=asked)))
        self._follow(delay, low=Fraction(asked), high=Fraction(asked))

    @precondition(lambda self: not self.over)
    @rule()
    def fail_for_good(self) -> None:
        assert self._plan(KeyError()) is None
        assert self.over == "gave_up"

    def _fail(self, error: Exception, shape: Shape) -> None:
        policy, curve = shape
        wait = min(curve(self.starts), _fraction(policy.cap))
        low, high = (Fraction(str(end)) for end in policy.jitter.value)
        most = min(wait * high, _fraction(policy.cap))
        self._follow(self._plan(error), low=wait * low, high=most)

    def _plan(self, error: BaseException) -> Fraction | None:
        answer = retry.plan(
            self.retries,
            attempt=self.starts,
            max_attempts=self.most,
            error=error,
            first_started_at=START,
            now=START + timedelta(seconds=float(self.clock)),
            rng=self.rng,
        )
        if isinstance(answer, GiveUp):
            self.over = answer.reason
            return None
        return _fraction(answer.delay)

    def _follow(self, delay: Fraction | None, *, low: Fraction, high: Fraction) -> None:
        """Judge the answer; if the job goes on, its next attempt starts."""
        if delay is None:
            self._judge_end(could_start_at=self.clock + high)
            return
        assert low - ROUNDING <= delay <= high + ROUNDING
        assert self.starts < self.most
        self.clock += delay
        self.starts += 1
        assert self.within is None or self.clock <= self.within + ROUNDING

    def _judge_end(self, *, could_start_at: Fraction) -> None:
        """It ended for a reason that is true: no attempt was left, or none that was in time."""
        if self.starts >= self.most:
            assert self.over == "attempts_exhausted"
        else:
            assert self.over == "retry_window_over"
            assert self.within is not None
            assert could_start_at > self.within - ROUNDING


def _fraction(duration: timedelta) -> Fraction:
    return Fraction(duration // timedelta(microseconds=1), 1_000_000)
