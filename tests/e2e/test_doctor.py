"""The doctor on the deployed stacks: all is well, until somebody changes something by hand."""

import json
import time
from collections.abc import Callable

import boto3
import pytest

from tests.e2e.cloud import SCAFFOLDED, Cloud
from tests.e2e.crashes import SHORTENED
from workerless.cli.setting import DROPPED_LOCALLY
from workerless.inspecting import inspect
from workerless.ports import Address

pytestmark = pytest.mark.local_cloud
PATIENCE_SECONDS = 120
PASSING = {"heartbeat", "failure_ratio"}


@pytest.fixture(autouse=True)
def operator_has_looked(aws: None) -> None:
    """As each minute: the emulator shows a mapping that was made switched off as on until then."""
    boto3.client("lambda").invoke(FunctionName="workerless-local--operator", Payload=b"{}")


def findings(cloud: Cloud) -> list[tuple[str, str]]:
    """Rule and resource of each finding but what depends on when it is asked.

    The heartbeat takes a minute to be there, and other tests have many jobs fail.
    """
    done = cloud.workerless("doctor", "--json")
    told = json.loads(done.stdout)["findings"]
    found = [
        (one["rule"], one["on"])
        for one in told
        if one["rule"] not in PASSING and one["on"] != SHORTENED
    ]
    broken = [one for one in told if one["rule"] != "failure_ratio"]
    assert done.returncode == (4 if broken else 0), done.stderr
    return found


def test_our_own_stacks_break_no_rule(cloud: Cloud) -> None:
    assert findings(cloud) == []


def test_sweeper_of_the_deployed_stage_leaves_its_heartbeat(cloud: Cloud, aws: None) -> None:
    give_up_at = time.monotonic() + PATIENCE_SECONDS
    pulses = inspect("local").doctor.pulses

    while pulses.last() is None and time.monotonic() < give_up_at:
        time.sleep(1)

    assert pulses.last() is not None


def test_what_is_not_asked_here_is_what_the_emulator_drops(cloud: Cloud, aws: None) -> None:
    """Should it keep one of these some day, the doctor can ask about it here too."""
    findings = inspect("local").doctor.examine().findings
    found = {finding.rule for finding in findings if finding.on != SHORTENED}

    heard = {"listeners"}  # by the job type ``sourced``
    assert found - PASSING == DROPPED_LOCALLY - heard


def test_mapping_that_somebody_switched_off_is_found(cloud: Cloud, aws: None) -> None:
    functions = boto3.client("lambda")
    (mapping,) = functions.list_event_source_mappings(
        FunctionName="workerless-local-scaffolded-for_tests"
    )["EventSourceMappings"]
    functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
    try:
        assert findings(cloud) == [("mapping_enabled", mapping["UUID"])]
    finally:
        functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=True)
    assert findings(cloud) == []


def test_queue_that_somebody_changed_is_found(
    cloud: Cloud, address: Callable[[str], Address]
) -> None:
    url = address(SCAFFOLDED).queue
    sqs = boto3.client("sqs")
    before = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    name = before["QueueArn"].rpartition(":")[2]
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "30"})
    try:
        assert findings(cloud) == [("visibility", name)]
    finally:
        visibility = before["VisibilityTimeout"]
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": visibility})
