"""What the container around is told of one within, and how long one that has ended is kept."""

from datetime import datetime, timedelta

from workerless.frozen import replace
from workerless.membership import ROOT, read_membership
from workerless.orchestration.world import Orchestra
from workerless.workflow.mark import Mark
from workerless.workflow_ports import Container, Told

# As a member's result. The containers around may still run, and ask for it; and who starts the same
# under its id again would find the jobs of the first time, and take them for done.
RETENTION = timedelta(days=30)


def tell_around(part: Container, slot: str | None, mark: Mark, world: Orchestra) -> None:
    """Mark ``part``, or another ``slot`` for it, in the container that it is a member of."""
    if part.member_of is None or (not mark.has_ended and mark.generation == 1):
        return
    place = read_membership(part.member_of)
    place = replace(place, slot=slot or place.slot)
    if mark.generation > 1:
        # What is around may have ended too, so that nobody looks at it any more; and an answer that
        # is lost here, or the order, would be the last it hears.
        world.containers.wake(place.container_id, at=world.clock.now())
    (marked,) = world.containers.mark_many([Told(membership=place, mark=mark)])
    if not mark.has_ended and place.page != ROOT:
        world.containers.reopen(place, at=world.clock.now())
    # Told again it has no news; else the two would have each other look for ever.
    if marked.is_new and (marked.calls or not mark.has_ended):
        world.order(place.container_id)


def changed(container: Container, control: str, state: str | None, now: datetime) -> Container:
    """With another control; ``state`` is how it has ended, None if it has not."""
    return replace(
        container,
        control=control,
        state=state or "running",
        is_open=state is None,
        updated_at=now,
        ended_at=now if state else None,
        expires_at=now + RETENTION if state else None,
    )


def keep_all(container: Container, world: Orchestra) -> None:
    """Before one that has ended goes on: what it is made of must not go meanwhile.

    Who dies before it does is made up for by the sweeper.
    """
    if not container.is_open:
        world.containers.keep(container, world.clock.now() + RETENTION)


def retire(container: Container, world: Orchestra) -> None:
    """The sweeper need not look at it any more."""
    if container.expires_at is not None:
        world.containers.retire(container, container.expires_at)
