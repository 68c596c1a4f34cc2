"""Tags: a few short words that a caller gives a job, to find it by. Pure."""

import re
from collections.abc import Iterable

MAX_TAGS = 5
TAG = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:/=@+-]{0,39}")


def checked_tags(tags: Iterable[object]) -> tuple[str, ...]:
    """``tags`` in their order, each once. Raises ``ValueError`` that says what is allowed."""
    if isinstance(tags, str):
        raise ValueError(  # noqa: TRY004 -- callers know one kind of refusal
            f"tags must be a list of texts, got one text {ascii(tags)[:60]}"
        )
    known: dict[str, None] = {}
    for tag in tags:
        if not isinstance(tag, str) or not TAG.fullmatch(tag):
            raise ValueError(f"a tag must match {TAG.pattern}, got {ascii(tag)[:60]}")
        known[tag] = None
    if len(known) > MAX_TAGS:
        raise ValueError(f"a job has at most {MAX_TAGS} tags, got {len(known)}")
    return tuple(known)
