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
)


def add_all(desk: Desk) -> None:
    """Adds every route of ``surface.ROUTES`` to the desk's resolver."""
    for routes in (jobs, queues, limits, breakers, dead, groups, operations, health, metrics):
        routes.add(desk)
