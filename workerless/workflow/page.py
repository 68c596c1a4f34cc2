"""How the members of a batch are put into pages. Pure.

A page takes each of its members' marks, so it never has more writes than members: 250 slots keep it
below 400 a second, however fast they end. Each mark is billed by the whole page, and closing a page
by the whole root, which names all pages: few members have small pages, many have few.
"""

import hashlib
import json
from collections.abc import Sequence
from itertools import batched

from workerless.errors import BatchFullError
from workerless.membership import Membership

SMALL_PAGE, MAX_PAGE = 32, 250
MAX_PAGES, MAX_MEMBERS = 2_000, 100_000
# Of one call; small pages are as good for half of them.
_PAGES_OF_A_CALL = 1_000
_DIGITS = 16


def is_full(container_id: str, *, members: int, pages: int) -> BatchFullError:
    """For a batch with so many members, in so many pages, that more have no room."""
    return BatchFullError(
        f"batch {container_id!r} has {members} members in {pages} pages; {MAX_MEMBERS} and "
        f"{MAX_PAGES} are allowed, and each call that adds makes a page or more: add many at a "
        "time, or nest batches"
    )


def page_size(members: int) -> int:
    """How many of so many members, added in one call, go into a page."""
    return min(max(-(-members // _PAGES_OF_A_CALL), SMALL_PAGE), MAX_PAGE)


def in_pages(members: Sequence[str]) -> list[tuple[str, ...]]:
    """The members of each page, in order: the same whenever the same are added."""
    return list(batched(members, page_size(len(members)), strict=False))


def page_id(members: Sequence[str], turn: int) -> str:
    """The name of the page of these members; of another one for each ``turn`` that came to nothing.

    Whoever adds the same again finds it.
    """
    told = json.dumps([turn, *members]).encode()
    return hashlib.sha256(told).hexdigest()[:_DIGITS]


def slots(container_id: str, page: str, members: int) -> tuple[str, ...]:
    """The place of each member of a page, as text."""
    return tuple(
        str(Membership(container_id=container_id, page=page, slot=str(number)))
        for number in range(members)
    )
