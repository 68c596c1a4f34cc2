"""I14: whatever is big comes back byte by byte, through client, worker and files."""

import string
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.execution.bench import Bench
from workerless import JobType, Payload, Result
from workerless.limits import INLINE_PAYLOAD_BYTES, INLINE_RESULT_BYTES, MAX_BODY_BYTES
from workerless.payload import canonical_json, digest


class Anything(Payload):
    """Holds anything."""

    value: Any = None
    filling: str = ""


class Same(Result):
    """The same."""

    value: Any = None
    filling: str = ""


ECHO = JobType(name="echo", payload=Anything, result=Same)
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    # Every character but halves of surrogate pairs, which are refused.
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(string.printable, max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)
letters = st.sampled_from(["x", "é", "☃", "🎉", "\x00", '"', "\\", "\x7f"])
around = st.sampled_from([INLINE_RESULT_BYTES, INLINE_PAYLOAD_BYTES, MAX_BODY_BYTES, 400_000])


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(value=values, letter=letters, size=around, more=st.integers(-60, 60))
def test_payloads_and_results_of_any_size_come_back_as_they_were(
    value: Any, letter: str, size: int, more: int
) -> None:
    filling = letter * ((size + more) // (len(canonical_json(letter)) - 2))
    payload = Anything(value=value, filling=filling)
    bench = Bench(job_type=ECHO)
    bench.handle(lambda task: Same(value=task.value, filling=task.filling))

    job = bench.client.enqueue(ECHO, payload)
    bench.deliver()
    bench.close()

    status = job.status()
    assert status.data == ECHO.data(payload)
    assert status.result == Same(value=value, filling=filling)
    record = bench.record(job.id)
    assert record.digest == digest(ECHO.data(payload))
    assert len(record.body) <= MAX_BODY_BYTES
