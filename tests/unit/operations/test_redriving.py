"""What a job needs that shall run again is there when it does."""

from datetime import timedelta

from tests.unit.operations.ward import Ward, a_job_type
from workerless import TIERS
from workerless.data_ref import DataRef
from workerless.message import Message
from workerless.payload import digest
from workerless.ports import Outgoing
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


def test_job_runs_again_in_its_lane() -> None:
    ward = Ward(a_job_type(lanes=TIERS, concurrency=10))
    (job_id,) = ward.kill(1, lane="free")
    ward.cure()

    ward.operations.dead.retry(job_id)

    queues = ward.desk.directory.find("visit").lanes
    waiting = {lane: ward.desk.queue.waiting(queue) for lane, queue in queues.items()}
    assert waiting == {"premium": 0, "standard": 0, "free": 1}
    ward.stage.run_all()
    assert ward.states() == {State.COMPLETED: 1}


def test_edited_job_keeps_its_lane_though_its_message_cannot_be_read() -> None:
    ward = Ward(a_job_type(lanes=TIERS, concurrency=10))
    queue = ward.desk.directory.find("visit").lanes["premium"]
    ward.desk.queue.send_many(queue, [Outgoing(body="[]")])
    ward.stage.run_all()
    (record,) = ward.records()
    ward.cure()

    ward.operations.dead.retry(record.job_id, data={"number": 1})

    assert (record.state, ward.desk.queue.waiting(queue)) == (State.FAILED, 1)
