"""One thing that breaks a rule."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """``on`` is the resource, ``wrong`` what it has, ``fix`` what to do.

    ``is_broken`` tells what loses jobs, time or sight of them from what is only better otherwise.
    """

    rule: str
    on: str
    wrong: str
    fix: str
    is_broken: bool = True


DEPLOY = "deploy the stack again: somebody changed it by hand"
