"""A job that adds others of its kind to its batch."""

from datetime import timedelta

from workerless import Fixed, JobType, Payload


class Branch(Payload):
    """Two more grow from it while there is ``height`` left; ``name`` tells it from its like."""

    height: int
    name: str = "0"
    dies_once: bool = False


branching = JobType(
    name="branching",
    payload=Branch,
    retry=Fixed(attempts=2, delay=timedelta(seconds=1)),
    timeout=timedelta(seconds=5),
    children=("branching",),
    max_depth=4,
)
