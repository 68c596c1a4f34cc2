"""What a job needs that shall run again is there when it does."""

from datetime import timedelta

from tests.unit.operations.ward import Ward
from workerless.data_ref import DataRef
from workerless.message import Message
from workerless.payload import digest
from workerless.states import State
from workerless.testing.sample import a_record

DAY = timedelta(days=1)


def test_payload_file_of_an_old_job_lives_on_when_it_is_retried() -> None:
    ward = Ward()
    blobs, key = ward.desk.blobs, "payloads/visit/old"
    ref = DataRef(bucket=blobs.bucket, key=key, digest=digest({"number": 1}))
    body = Message(job_id="old", job_type="visit", data={}, ref=ref).body()
    ward.desk.store.put_many(
        [a_record("old", job_type="visit", state=State.FAILED, body=body, digest=ref.digest)]
    )
    blobs.put(key, b'{"number":1}', keep=30 * DAY)
    ward.clock.advance(29 * DAY)

    ward.operations.dead.retry("old")
    ward.clock.advance(20 * DAY)

    assert blobs.get(key, limit_bytes=100) == b'{"number":1}'
