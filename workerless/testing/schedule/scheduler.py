"""EventBridge Scheduler's entries of dynamic schedules as a dictionary."""

from collections.abc import Callable

from workerless.schedule.plan import Plan


class InMemoryScheduler:
    """``entries`` are the plans that it sends ticks of, by id."""

    def __init__(self) -> None:
        self.entries: dict[str, Plan] = {}

    def ids(self, has_time: Callable[[], bool]) -> set[str] | None:
        return set(self.entries) if has_time() else None

    def put(self, plan: Plan) -> None:
        self.entries[plan.schedule_id] = plan

    def differs(self, plan: Plan) -> bool:
        return self.entries.get(plan.schedule_id) != plan

    def remove(self, schedule_id: str) -> None:
        self.entries.pop(schedule_id, None)


class InMemoryPlans:
    """``declared`` are the plans of the job types of a stage, by id; None: unreadable."""

    def __init__(self) -> None:
        self.declared: dict[str, Plan | None] = {}

    def all(self) -> dict[str, Plan | None]:
        return dict(self.declared)
