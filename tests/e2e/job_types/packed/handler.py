"""The packer."""

from functions.packed.job import Packed, Sacks, packed

from workerless.worker import worker


@worker(packed)
def handler(sacks: Sacks) -> Packed:
    """Count it."""
    return Packed(total=sum(n or 0 for n in sacks.ns))
