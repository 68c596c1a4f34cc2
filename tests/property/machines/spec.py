"""What a store promises, said once more and as simply as possible: a dictionary a job.

Nothing of ``transition.py``, ``states.py`` or ``due.py`` is used here. Seconds are whole numbers
from the start. It says what is promised of one job; a store keeps many.
"""

from dataclasses import dataclass, field
from typing import Any

WAITS = ("pending", "scheduled", "retrying")
ENDS = ("completed", "failed", "discarded", "cancelled")
KEPT = 10
_PARKED_BEYOND = 900
_LEAD, _GRACE = 180, 90


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """A claim. ``payload`` is that of the record it brings, None for one that says there is one."""

    token: str
    at: int
    until: int
    alone: bool
    payload: str | None
    most: int


@dataclass(slots=True)
class Spec:
    """``jobs`` by id: only the facts that decide about anything. ``now`` moves forward."""

    now: int = 0
    jobs: dict[str, dict[str, Any]] = field(default_factory=dict)

    def living(self, job_id: str) -> dict[str, Any] | None:
        """The job as a reader may see it; None once its time is over."""
        job = self.jobs.get(job_id)
        gone = job is not None and job["expires"] is not None and job["expires"] <= self.now
        return None if gone else job

    def put(self, job_id: str, *, payload: str, run_at: int, most: int) -> bool:
        """Whether it was made: an id is free when it was never used, or its time is over."""
        if self.living(job_id) is not None:
            return False
        self.jobs[job_id] = self._new(payload=payload, run_at=run_at, most=most)
        return True

    def claim(self, job_id: str, claim: Claimed) -> str:
        """What a claim meets."""
        job = self.jobs.get(job_id) if claim.payload is None else self.living(job_id)
        if job is None:
            if claim.payload is None:
                return "missing"
            job = self._new(payload=claim.payload, run_at=claim.at, most=claim.most)
            self.jobs[job_id] = job
        if claim.payload not in {None, job["payload"]}:
            return "taken"
        if job["state"] in ENDS:
            return "ended"
        if job["state"] == "processing":
            return _claim_running(job, claim)
        if job["state"] != "pending" and job["run_at"] > claim.at:
            return "early"
        return _start(job, claim, counts=True)

    def finish(
        self, job_id: str, *, token: str, state: str, at: int, run_at: int, reason: str | None
    ) -> bool:
        """Whether the holder of the token wrote it, now or just before."""
        job = self.jobs.get(job_id)
        if job is None or job["token"] != token:
            return False
        ending = (token, state, reason, at)
        if job["state"] != "processing":
            return bool(job["ended_by"] == ending)
        job.update(state=state, ended_by=ending, reason=reason, expires=None)
        job["attempt"] -= state == "scheduled"
        if state in ENDS:
            job.update(due=None, expires=at + KEPT)
        else:
            # Who comes back within 15 minutes is looked at when that was to be anyway.
            moves = run_at - at >= _PARKED_BEYOND
            job.update(run_at=run_at, due=due_at(run_at, at) if moves else job["due"])
        return True

    def progress(self, job_id: str, *, token: str, percent: int) -> bool:
        job = self.jobs.get(job_id)
        if job is None or job["state"] != "processing" or job["token"] != token:
            return False
        job.update(percent=percent, ended_by=None)
        return True

    def cancel(self, job_id: str) -> str | None:
        """The state after it, None where there is no such job."""
        job = self.living(job_id)
        if job is not None and job["state"] in WAITS:
            job.update(
                state="cancelled", reason="no", expires=self.now + KEPT, due=None, ended_by=None
            )
        return job["state"] if job else None

    def reschedule(self, job_id: str, *, run_at: int) -> str | None:
        """The state after it, None where there is no such job."""
        job = self.living(job_id)
        if job is not None and job["state"] in WAITS:
            due = due_at(run_at, self.now)
            job.update(state="scheduled", run_at=run_at, due=due, reason=None, ended_by=None)
        return job["state"] if job else None

    def due(self) -> dict[str, int]:
        """Since when each job is due, of those that are."""
        return {
            job_id: job["due"]
            for job_id, job in self.jobs.items()
            if job["due"] is not None and job["due"] <= self.now
        }

    def postpone(self, job_id: str, *, seen: int, until: int) -> bool:
        job = self.jobs.get(job_id)
        if job is None or job["due"] is None:
            return False
        if job["due"] == seen:
            job["due"] = until
        return bool(job["due"] == until)

    def _new(self, *, payload: str, run_at: int, most: int) -> dict[str, Any]:
        return {
            "state": "scheduled" if run_at > self.now else "pending",
            "payload": payload,
            "run_at": run_at,
            "most": most,
            "attempt": 0,
            "token": None,
            "until": None,
            "alone": None,
            "percent": None,
            "reason": None,
            "ended_by": None,
            "expires": None,
            "due": due_at(run_at, self.now),
        }


def _claim_running(job: dict[str, Any], claim: Claimed) -> str:
    if job["token"] == claim.token:
        return "granted"
    if job["until"] > claim.at:
        return "leased"
    if job["alone"] and job["attempt"] >= job["most"]:
        return "exhausted"
    if not claim.alone:
        return "crashed"
    return _start(job, claim, counts=job["alone"])


def _start(job: dict[str, Any], claim: Claimed, *, counts: bool) -> str:
    job.update(state="processing", token=claim.token, until=claim.until, alone=claim.alone)
    job["attempt"] += counts
    job["ended_by"] = None
    return "granted"


def due_at(run_at: int, now: int) -> int:
    """When a sweeper looks at a job that is told now to run at ``run_at``."""
    return run_at - _LEAD if run_at - now > _PARKED_BEYOND else run_at + _GRACE
