"""What each job of a soak does and when its process is killed: a function of the seed, no more.

``number`` is the job's; ``run`` counts the starts of its handler from 1, whoever started it.
"""

from random import Random
from typing import Literal

type Deed = Literal["return", "raise_once", "snooze_once", "discard", "fail"]
type Moment = Literal["started", "working", "worked", "settled"]

_DEEDS: tuple[Deed, ...] = ("return", "raise_once", "snooze_once", "discard", "fail")
_WEIGHTS = (84, 6, 4, 2, 4)
_PADDED, _PADDING_BYTES = 0.03, 110_000
_MOMENTS: tuple[Moment, ...] = ("started", "working", "worked", "settled")


def deed(seed: int, number: int) -> Deed:
    return Random(f"{seed} deed {number}").choices(_DEEDS, _WEIGHTS)[0]


def padding(seed: int, number: int) -> str:
    """What makes a few payloads too big for a message, each with another text."""
    dice = Random(f"{seed} padding {number}")
    return dice.randbytes(_PADDING_BYTES).hex() if dice.random() < _PADDED else ""


def killed_at(seed: int, number: int, run: int, probability: float) -> Moment | None:
    """When this run's process dies: before, in or after its work, or with the record written."""
    dice = Random(f"{seed} kill {number} {run}")
    return dice.choice(_MOMENTS) if dice.random() < probability else None


def is_killed_on_receipt(seed: int, message_id: str, receives: int, probability: float) -> bool:
    """Whether the process dies with the message in hand, before it claims anything.

    A message and its receives are not known before, so this alone is no function of the job.
    """
    return Random(f"{seed} receipt {message_id} {receives}").random() < probability


def skew_seconds(seed: int, process: int) -> float:
    """How wrong the clock of a function's process goes, to either side."""
    return Random(f"{seed} skew {process}").uniform(-25, 25)
