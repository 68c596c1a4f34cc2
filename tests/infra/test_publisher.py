"""The publisher, where a stage wants it: what it reads, what it may, and what it is told."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from aws_cdk import App

from infra.app import build
from infra.settings import LifecycleEvents, stages
from tests.infra.cloud import FUNCTION, MAPPING, ROLE, TABLES, Cloud, Template, read, target, text
from tests.infra.dashboards import pages
from workerless import naming
from workerless.errors import WorkerlessError
from workerless.lifecycle_event import JobChange

TOLD = LifecycleEvents(
    bus="jobs", changes=(JobChange.COMPLETED, JobChange.ENQUEUED), job_types=("send_email",)
)


def cloud_of(lifecycle: LifecycleEvents | None, directory: Path) -> Cloud:
    stage = replace(stages({})["prod"], lifecycle=lifecycle)
    app = App(outdir=str(directory))
    build(app, stage=stage, found=[])
    app.synth()
    return read(directory, stage, [])


@pytest.fixture(scope="module")
def core(tmp_path_factory: pytest.TempPathFactory) -> Template:
    cloud = cloud_of(TOLD, tmp_path_factory.mktemp("told"))
    (found,) = (one for one in cloud.templates if one.name.endswith("-core"))
    return found


def test_stage_that_wants_none_has_neither_stream_nor_publisher(tmp_path: Path) -> None:
    cloud = cloud_of(None, tmp_path)

    names = [text(one["FunctionName"]) for _, _, one in cloud.each(FUNCTION)]
    ((_, _, table),) = cloud.each(*TABLES)
    assert "workerless-prod--publisher" not in names
    assert "StreamSpecification" not in table


@pytest.mark.parametrize("lifecycle", [None, TOLD])
def test_crashes_of_every_function_are_on_the_overview(
    lifecycle: LifecycleEvents | None, tmp_path: Path
) -> None:
    cloud = cloud_of(lifecycle, tmp_path)
    overview = pages(cloud)[naming.overview("prod")]

    shown = {line[3] for one in overview for line in one.lines if line[1:2] == ["Errors"]}

    assert shown == {text(one["FunctionName"]) for _, _, one in cloud.each(FUNCTION)}


def test_it_reads_the_changes_asked_for_of_the_job_types_asked_for(core: Template) -> None:
    ((name, table),) = core.of(*TABLES)
    (mapping,) = (one for _, one in core.of(MAPPING) if target(one["EventSourceArn"]) == name)

    (one,) = mapping["FilterCriteria"]["Filters"]

    assert table["StreamSpecification"] == {"StreamViewType": "NEW_AND_OLD_IMAGES"}
    assert json.loads(one["Pattern"]) == {
        "dynamodb": {
            "Keys": {"sk": {"S": ["RECORD"]}},
            "NewImage": {
                "state": {"S": ["completed", "pending", "scheduled"]},
                "job_type": {"S": ["send_email"]},
            },
        }
    }
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    left_out = core.properties(mapping["DestinationConfig"]["OnFailure"]["Destination"])
    assert left_out["QueueName"] == "workerless-prod--unpublished"


def test_of_running_jobs_it_reads_only_those_of_which_an_attempt_died(tmp_path: Path) -> None:
    cloud = cloud_of(LifecycleEvents(changes=(JobChange.STALLED, JobChange.FAILED)), tmp_path)
    (mapping,) = (one for _, _, one in cloud.each(MAPPING) if "FilterCriteria" in one)

    patterns = [json.loads(one["Pattern"]) for one in mapping["FilterCriteria"]["Filters"]]

    assert [one["dynamodb"]["NewImage"] for one in patterns] == [
        {"state": {"S": ["failed"]}},
        {"state": {"S": ["processing"]}, "stalled_at": {"N": [{"exists": True}]}},
    ]


def test_it_may_read_the_stream_and_tell_its_bus_and_nothing_else(core: Template) -> None:
    (role,) = (name for name, one in core.of(ROLE) if "Publisher" in str(one.get("Description")))
    allowed = {
        action: text(statement["Resource"])
        for _, policy in core.of("AWS::IAM::Policy")
        if [target(one) for one in policy["Roles"]] == [role]
        for statement in policy["PolicyDocument"]["Statement"]
        for action in _listed(statement["Action"])
    }

    assert allowed.pop("events:PutEvents").endswith(":event-bus/jobs")
    assert {action.partition(":")[2] for action in allowed} == {
        "CreateLogStream",
        "PutLogEvents",
        "DescribeStream",
        "GetRecords",
        "GetShardIterator",
        "ListStreams",
        "SendMessage",
    }


def test_it_is_told_its_bus_and_the_changes(core: Template) -> None:
    (function,) = (
        one for _, one in core.of(FUNCTION) if one["FunctionName"] == "workerless-prod--publisher"
    )

    variables = function["Environment"]["Variables"]

    assert variables["WORKERLESS_EVENT_BUS"] == "jobs"
    assert variables["WORKERLESS_JOB_CHANGES"] == "Job Completed,Job Enqueued"


@pytest.mark.parametrize("said", [{"changes": ()}, {"bus": "arn:aws:events:x"}, {"bus": ""}])
def test_what_cannot_be_told_is_refused(said: dict[str, object]) -> None:
    with pytest.raises(WorkerlessError, match="lifecycle"):
        LifecycleEvents(**said)  # type: ignore[arg-type]  # on purpose


def _listed(action: str | list[str]) -> list[str]:
    return [action] if isinstance(action, str) else action
