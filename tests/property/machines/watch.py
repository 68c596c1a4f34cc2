"""A store that watches itself: what no change of a record may ever do, whoever makes it."""

from collections import Counter
from collections.abc import Sequence

from workerless.ports import Claimed, Clock
from workerless.record import Record
from workerless.testing.store import InMemoryStore
from workerless.transition import Claim, Finish, Verdict

# Written out once more, so that a mistake in the library's own table is found.
_MAY_FOLLOW = {
    "scheduled": {"scheduled", "processing", "cancelled"},
    "pending": {"scheduled", "processing", "cancelled"},
    "retrying": {"scheduled", "processing", "cancelled"},
    "processing": {"processing", "scheduled", "retrying", "completed", "failed", "discarded"},
}


class WatchedStore(InMemoryStore):
    """``broken`` says what went wrong; ``completed`` counts completions by job."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.broken: list[str] = []
        self.completed: Counter[str] = Counter()

    def claim_many(self, claims: Sequence[Claim]) -> list[Claimed]:
        before = self.get_many([claim.job_id for claim in claims])
        answers = super().claim_many(claims)
        for claim, old, answer in zip(claims, before, answers, strict=True):
            if answer.verdict is Verdict.GRANTED:
                self._judge_claim(claim, old)
        return answers

    def finish_many(self, finishes: Sequence[Finish]) -> list[bool]:
        before = self.get_many([finish.job_id for finish in finishes])
        answers = super().finish_many(finishes)
        after = self.get_many([finish.job_id for finish in finishes])
        for finish, old, new in zip(finishes, before, after, strict=True):
            if old is not None and new is not None and new != old:
                self._judge_finish(finish, old, new)
        return answers

    def _judge_claim(self, claim: Claim, old: Record | None) -> None:
        (new,) = self.get_many([claim.job_id])
        assert new is not None
        if old is None or new == old:
            return
        self._judge_step(old, new)
        lease = old.lease
        if old.state == "processing" and lease is not None and lease.until > claim.now:
            self.broken.append(f"{old.job_id}: a live lease was taken")
        if old.state in {"scheduled", "retrying"} and old.run_at > claim.now:
            self.broken.append(f"{old.job_id}: ran before its time")

    def _judge_finish(self, finish: Finish, old: Record, new: Record) -> None:
        self._judge_step(old, new)
        if old.lease is None or old.lease.token != finish.token:
            self.broken.append(f"{old.job_id}: written by one whose lease is gone")
        self.completed[new.job_id] += new.state == "completed"
        back = {"scheduled": {1}, "retrying": {0, 1}}.get(new.state, {0})  # a snooze, a deferral
        if old.attempt - new.attempt not in back:
            self.broken.append(f"{old.job_id}: went from attempt {old.attempt} to {new.attempt}")

    def _judge_step(self, old: Record, new: Record) -> None:
        if new.state not in _MAY_FOLLOW.get(old.state, set()):
            self.broken.append(f"{old.job_id}: went from {old.state} to {new.state}")
        if not 0 <= new.attempt <= new.max_attempts:
            self.broken.append(f"{old.job_id}: attempt {new.attempt} of {new.max_attempts}")
