"""The library's own sweeper in a simulated world: slow, dying and overlapping as all others."""

from datetime import timedelta

from tests.simulation.history import Note, Raised
from tests.simulation.remote import RemoteQueue, RemoteStore
from tests.simulation.remote_blobs import RemoteBlobs
from tests.simulation.world import World
from workerless.due import SHARDS
from workerless.errors import StoreUnavailableError
from workerless.execution import letter_sweep, sweep


def sweep_all(world: World) -> None:
    """One run over all shards and the dead letters, begun now."""
    process = world.process("sweeper")

    def body() -> None:
        directory = world.ground.directory()
        sweeper = sweep.Sweeper(
            store=RemoteStore(process),
            queue=RemoteQueue(process, sends_as="resend"),
            blobs=RemoteBlobs(process),
            directory=directory,
            clock=process,
            telemetry=process,
            until=process.now() + timedelta(seconds=50),
        )
        try:
            for shard in range(SHARDS):
                sweep.sweep(shard, sweeper)
            for address in directory.all():
                letter_sweep.sweep_letters(address, sweeper)
        except StoreUnavailableError as error:  # a run of Lambda fails, the next one comes
            world.ground.tell(Note(text=f"{process.name}: {error}"))
        except Exception as error:  # noqa: BLE001 -- whatever it is, it is a finding
            world.ground.tell(Raised(by=process.name, error=repr(error)))

    process.start(body)
