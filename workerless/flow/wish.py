"""What one job asks of a rate limit: which limiter, at what pace, how many points. Pure."""

from datetime import timedelta
from zlib import crc32

from workerless.flow.key import key_of
from workerless.flow.pacing import Pace, pace_of
from workerless.flow.rate import RateLimit, points_of
from workerless.flow.settings import Override
from workerless.flow.shares import in_jobs, shards_of, share
from workerless.frozen import frozen
from workerless.payload import Payload
from workerless.search_key import key_digest


@frozen
class Wish:
    """``pace`` is None where nothing of this kind may start for now."""

    limiter: str
    pace: Pace | None
    points: int


def wish_of(
    limit: RateLimit,
    name: str,
    payload: Payload,
    *,
    job_id: str,
    tenant: str | None,
    override: Override | None,
    factor: float = 1.0,
) -> Wish | None:
    """What the job asks of the limit called ``name``; None for a job that is not counted.

    ``factor`` (above 0 to 1) slows it down.
    Where all jobs cost the same, points are jobs. Raises what a team's function raises, and
    ``TypeError`` and ``ValueError`` for points that the declared limit cannot hold.
    """
    key = key_of(limit.key, payload, tenant)
    if key is None:
        return None
    points = points_of(limit.points, payload)
    keyed = f"{name}#{key_digest(key)}" if key else name
    if override is None:
        most, per = limit.limit, limit.per
        found = _share(limit, points, most=most, per=per, job_id=job_id, name=keyed, factor=factor)
        if found.pace is None:
            raise ValueError(f"points must fit into the limit of {limit.limit}, got {points}")
        return found
    most, per = override.limit, override.per or limit.per
    return _share(limit, points, most=most, per=per, job_id=job_id, name=keyed, factor=factor)


def _share(
    limit: RateLimit,
    points: int,
    *,
    most: int,
    per: timedelta,
    job_id: str,
    name: str,
    factor: float,
) -> Wish:
    """A job is always of the same shard, and no shard knows of the others."""
    burst = limit.burst
    if isinstance(limit.points, int):
        most, burst = in_jobs(most, burst, points)
        points = 1
    shards = shards_of(most, per)
    shard = crc32(job_id.encode(errors="backslashreplace")) % shards
    most, burst = share(most, shard, shards), max(burst // shards, 1)
    is_keyed = limit.key is not None
    fits = points <= most
    pace = pace_of(most, per, burst, factor, is_keyed=is_keyed) if fits else None
    return Wish(limiter=f"{name}#{shard}" if shards > 1 else name, pace=pace, points=points)
