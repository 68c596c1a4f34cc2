"""Lanes: several queues of one job type, so that no job waits behind those of another lane.

SQS knows no priorities, and a worker that asked one queue before another would starve the second.
So each lane is a queue with a share of the job type's ``concurrency`` for itself: however many jobs
wait in one, the others go on.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from workerless.errors import DeclarationError
from workerless.limits import MIN_MAXIMUM_CONCURRENCY
from workerless.priority import LANE

# A dead-letter queue that says who may use it names at most ten queues.
# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html
MAX_LANES = 10
MAX_WEIGHT = 100
# The queue of a lane of that name would pass for one of dead letters.
_RESERVED = "dead"


@dataclass(frozen=True, slots=True)
class Lanes:
    """The lanes of a job type by name, the most urgent first, with their weights.

    ``weights`` (1 to 100) say how ``concurrency`` is shared while all lanes have work; a lane never
    has less than two invocations, Lambda's floor for a queue. ``default`` is the lane of jobs that
    name none, and of a queue that was there before there were lanes. Two to ten lanes, each of 1 to
    16 lower-case letters and digits, a letter first. Raises ``DeclarationError``.
    """

    weights: Mapping[str, int]
    default: str

    def __post_init__(self) -> None:
        if not 2 <= len(self.weights) <= MAX_LANES:  # noqa: PLR2004 -- one is none
            raise DeclarationError(f"lanes must be 2 to {MAX_LANES}, got {len(self.weights)}")
        for name, weight in self.weights.items():
            _check_lane(name, weight)
        if self.default not in self.weights:
            raise DeclarationError(
                f"default must be one of the lanes {', '.join(self.weights)}, got {self.default!r}"
            )

    @property
    def least_concurrency(self) -> int:
        """What all lanes need together."""
        return MIN_MAXIMUM_CONCURRENCY * len(self.weights)

    def shares(self, concurrency: int) -> dict[str, int]:
        """How many invocations each lane may have: ``concurrency`` in all, none less than two.

        What is left of whole shares goes to the largest remainders, the most urgent lane first.
        Raises ``ValueError`` below ``least_concurrency``.
        """
        if concurrency < self.least_concurrency:
            raise ValueError(f"concurrency must be {self.least_concurrency} or more")
        least, ahead = MIN_MAXIMUM_CONCURRENCY, dict(self.weights)
        # Who would get less than two gets two; the others share what that leaves.
        while True:
            left = concurrency - least * (len(self.weights) - len(ahead))
            total = sum(ahead.values())
            small = [name for name, weight in ahead.items() if left * weight < least * total]
            if not small:
                break
            ahead = {name: weight for name, weight in ahead.items() if name not in small}
        shares = dict.fromkeys(self.weights, least)
        shares |= {name: left * weight // total for name, weight in ahead.items()}
        by_remainder = sorted(ahead, key=lambda name: -(left * ahead[name] % total))
        for name in by_remainder[: concurrency - sum(shares.values())]:
            shares[name] += 1
        return shares


def check_lanes(job_type: str, lanes: object, concurrency: int) -> None:
    """Raises ``DeclarationError`` for lanes that a job type of such ``concurrency`` cannot have."""
    if not isinstance(lanes, Lanes):
        raise DeclarationError(
            f"{job_type}: lanes must be None, PRIORITIES, TIERS or a Lanes, got {lanes!r}"
        )
    if concurrency < lanes.least_concurrency:
        raise DeclarationError(
            f"{job_type}: concurrency must be at least {lanes.least_concurrency} with "
            f"{len(lanes.weights)} lanes (Lambda's floor is {MIN_MAXIMUM_CONCURRENCY} for each "
            f"queue), got {concurrency}"
        )


def _check_lane(name: object, weight: object) -> None:
    if not isinstance(name, str) or not LANE.fullmatch(name) or name == _RESERVED:
        raise DeclarationError(
            "a lane's name must be 1 to 16 lower-case letters and digits, a letter first, and not "
            f"{_RESERVED!r}, got {name!r}"
        )
    if type(weight) is not int or not 1 <= weight <= MAX_WEIGHT:
        raise DeclarationError(
            f"the weight of lane {name} must be an integer from 1 to {MAX_WEIGHT}, got {weight!r}"
        )


PRIORITIES = Lanes({"critical": 4, "high": 3, "normal": 2, "low": 1}, default="normal")
TIERS = Lanes({"premium": 5, "standard": 3, "free": 2}, default="standard")
