"""The operator function moves the bound of a job type with an autoscale, and may do so: on moto."""

import json
from collections.abc import Callable
from datetime import timedelta

import boto3
import pytest

from tests.infra.cloud import Cloud
from tests.infra.deployed_stage import STAGE, TYPE, Context, deployed_stage, make_mapping
from tests.infra.rights import granted, missing, written_down
from workerless import Autoscale, naming
from workerless.flow.autoscale import Scale
from workerless.operating import OperatorFunction, desk
from workerless.ports import Outgoing

SCALE = Scale(rule=Autoscale(jobs_each=1, older_than=timedelta(minutes=5)), most=9)


def publish_scale() -> None:
    """As the job type's stack would."""
    client, name = boto3.client("ssm"), naming.job_type_parameter(STAGE, TYPE)
    told = json.loads(client.get_parameter(Name=name)["Parameter"]["Value"])
    value = json.dumps({**told, "autoscale": SCALE.published()})
    client.put_parameter(Name=name, Type="String", Value=value, Overwrite=True)
    client.close()


def bound() -> int:
    client = boto3.client("lambda")
    (mapping,) = client.list_event_source_mappings()["EventSourceMappings"]
    client.close()
    return mapping["ScalingConfig"]["MaximumConcurrency"]


def test_operator_moves_the_bound_as_jobs_wait_and_may_do_so(
    clouds: Callable[[str], Cloud], monkeypatch: pytest.MonkeyPatch
) -> None:
    with deployed_stage(monkeypatch):
        publish_scale()
        at = desk(STAGE, by="nobody")
        queue = at.directory.find(TYPE).queue
        at.queue.send_many(queue, [Outgoing(body="{}") for _ in range(7)])
        make_mapping()  # moto calls its function when a message is sent

        with written_down() as needed:
            operate = OperatorFunction()
            first, second = (operate({}, Context())["scaled"] for _ in range(2))

        assert (first, second, bound()) == (1, 0, 7)
    assert ("cloudwatch:GetMetricStatistics", "*") in needed
    assert missing(needed, granted(clouds(STAGE), naming.operator(STAGE))) == set()
