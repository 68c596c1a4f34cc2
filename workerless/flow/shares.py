"""A limit in jobs instead of points, and in parts that no one item of the table is too slow for."""

from datetime import timedelta

_MICROSECOND = timedelta(microseconds=1)
_SECOND_US = 1_000_000
# One item of DynamoDB takes 1,000 writes a second, and a start may need two.
_MOST_A_SECOND = 500


def in_jobs(limit: int, burst: int, points: int) -> tuple[int, int]:
    """Limit and burst in jobs, where each costs the same: so nothing is lost to fractions."""
    return limit // points, max(burst // points, 1)


def shards_of(limit: int, per: timedelta) -> int:
    """Among how many limiters a limit is split: none starts more than 500 a second."""
    return max(-(-limit * _SECOND_US // (_MOST_A_SECOND * (per // _MICROSECOND))), 1)


def share(whole: int, shard: int, shards: int) -> int:
    """One shard's part of ``whole``: all parts together are exactly that."""
    return whole // shards + (shard < whole % shards)
