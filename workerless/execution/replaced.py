"""A job whose payload was replaced since its message was sent: the record has the one that counts.

Only jobs of types with ``unique`` ever come here, and those that were replaced.
"""

from dataclasses import replace

from workerless.errors import StoreUnavailableError
from workerless.execution.admission import STORE_DOWN, Admitted
from workerless.execution.runtime import Runtime
from workerless.message import MalformedMessage, read
from workerless.outcome import Deferred, Outcome


def renewed(run: Admitted, runtime: Runtime) -> Admitted | Outcome:
    """The run with the message that its record keeps; or why it cannot start."""
    job_id, ports = run.record.job_id, runtime.ports
    try:
        (record,) = ports.store.get_many([job_id])
    except StoreUnavailableError as error:
        ports.telemetry.trouble("payload_unavailable", error, job_id=job_id)
        return Deferred(delay=STORE_DOWN, why="payload_unavailable")
    if record is None:
        return run  # its end will find nothing to write
    arrival = run.arrival
    try:
        message = read(
            record.body,
            job_type=record.job_type,
            message_id=job_id,
            bucket=ports.blobs.bucket,
        )
    except MalformedMessage as error:
        return replace(run, arrival=replace(arrival, problem=error))
    message = replace(message, job_id=job_id, generation=arrival.message.generation)
    return replace(run, arrival=replace(arrival, message=message, body=message.body()))
