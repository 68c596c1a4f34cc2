"""What each route does, a module for each kind of thing. Who may is decided before."""

from workerless.http.desk import Desk
from workerless.http.routes import (
    breakers,
    dead,
    groups,
    health,
    jobs,
    limits,
    metrics,
    operations,
    queues,
    schedule_making,
    schedules,
    workflows,
)

_ALL = (
    jobs,
    queues,
    limits,
    breakers,
    dead,
    groups,
    schedules,
    schedule_making,
    workflows,
    operations,
    health,
    metrics,
)


def add_all(desk: Desk) -> None:
    """Adds every route of ``surface.ROUTES`` to the desk's resolver."""
    for routes in _ALL:
        routes.add(desk)
