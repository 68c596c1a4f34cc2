"""What the routes share."""

from threading import Barrier

from tests.unit.http.office import Office
from workerless.testing.memory import InMemoryDirectory


def test_queues_are_looked_at_several_at_a_time_and_told_in_order() -> None:
    names = [f"type_{number}" for number in range(8)]
    office = Office(directory=InMemoryDirectory(names))
    all_here = Barrier(len(names), timeout=30)

    def look(name: str) -> str:
        all_here.wait()
        return name.upper()

    seen = office.desk.of_each_queue(look)

    assert list(seen.items()) == [(name, name.upper()) for name in names]
