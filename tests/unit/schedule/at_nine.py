"""A schedule that is due at nine in Berlin, and the world of who takes its ticks."""

from datetime import UTC, datetime, timedelta
from typing import Any

from workerless.schedule.plan import Plan
from workerless.schedule.stand import Outcome, Run, Stand
from workerless.schedule.tick import asked_for, decide, done
from workerless.schedule.when import Cron
from workerless.states import State

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MOMENT = timedelta(seconds=2)


def a_plan(**options: Any) -> Plan:
    """Each hour, unless ``options`` say otherwise."""
    known: dict[str, Any] = {
        "schedule_id": "report-hourly",
        "job_type": "report",
        "when": Cron("0 * * * *"),
        "data": {"of": "acme"},
        "version": 1,
        "attempts": 5,
    }
    return Plan(**{**known, **options})


def at(hour: int, minute: int = 0, day: int = 1) -> datetime:
    return datetime(2026, 6, day, hour, minute, tzinfo=UTC)


class Course:
    """One schedule, decided again and again. ``running`` are the states of its jobs."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.stand = Stand(schedule_id=plan.schedule_id)
        self.running: dict[str, State | None] = {}

    def tick(self, tick: datetime, *, now: datetime | None = None) -> list[str]:
        """A tick comes; what is told of it, in short."""
        return self._decide(now or tick + MOMENT, tick)

    def look(self, now: datetime) -> list[str]:
        """The sweeper looks."""
        return self._decide(now, None)

    def end_all(self) -> None:
        self.running = dict.fromkeys(self.running, State.COMPLETED)

    def started(self) -> list[str]:
        return [_hour(run) for run in self.stand.runs if run.job_id]

    def _decide(self, now: datetime, tick: datetime | None) -> list[str]:
        states = {one: self.running.get(one) for one in asked_for(self.plan, self.stand)}
        decided = decide(self.plan, self.stand, states, now=now, tick=tick)
        if decided.stand == self.stand:
            return []
        jobs = {run.job_id for run in decided.stand.undone if run.job_id}
        for run in decided.stand.undone:
            if run.outcome is Outcome.DUE and run.job_id:
                self.running.setdefault(run.job_id, State.PROCESSING)
            elif run.job_id:
                self.running[run.job_id] = State.CANCELLED
        self.stand = done(self.plan, decided.stand, jobs, now=now)
        return [_told(run) for run in decided.told]


def _told(run: Run) -> str:
    count = f" x{run.count}" if run.count > 1 else ""
    return f"{run.outcome.value} {_hour(run)}{count}"


def _hour(run: Run) -> str:
    return f"{run.tick:%H:%M}"
