"""A job type whose jobs containers run: all of it is deployed, but nobody calls its function."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from aws_cdk import App

from infra.app import build
from infra.artifact import ROOT
from infra.settings import stages
from tests.infra.cloud import ALARM, FUNCTION, MAPPING, Cloud, read, text
from workerless.discovery import discover

PARAMETER = "AWS::SSM::Parameter"
MEMBERS = ("send_email", "charge_payment")


@pytest.fixture(scope="module", params=[{}, {"*": "pool"}], ids=["own", "pooled"])
def cloud(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Cloud:
    """Of its two job types one is of containers."""
    routes: Mapping[str, str] = request.param
    stage = replace(stages({})["prod"], routes=routes, containers=("send_*",))
    found = [one for one in discover(ROOT) if one.job_type.name in MEMBERS]
    directory = tmp_path_factory.mktemp("cloud")
    app = App(outdir=str(directory))
    build(app, stage=stage, found=found)
    app.synth()
    return read(directory, stage, [one.job_type for one in found])


def of_stack(cloud: Cloud, name: str, kind: str) -> list[Mapping[str, Any]]:
    return [told for template, _, told in cloud.each(kind) if name in template.name]


def test_its_mapping_is_off_and_that_of_others_is_on(cloud: Cloud) -> None:
    (off,), (on,) = (of_stack(cloud, name, MAPPING) for name in ("send-email", "charge-payment"))

    assert off["Enabled"] is False
    assert on.get("Enabled", True) is True


def test_whoever_looks_it_up_is_told(cloud: Cloud) -> None:
    published = {
        text(one["Name"]).rpartition("/")[2]: json.loads(text(one["Value"]))
        for _, _, one in cloud.each(PARAMETER)
        if "/job-types/" in text(one["Name"])
    }

    assert {name: "in_containers" in told for name, told in published.items()} == {
        "send_email": True,
        "charge_payment": False,
    }


def test_no_alarm_rings_because_its_mapping_rests(cloud: Cloud) -> None:
    names = {text(one["AlarmName"]) for _, _, one in cloud.each(ALARM)}

    assert "workerless-prod-charge_payment-mapping-stopped" in names
    assert "workerless-prod-send_email-mapping-stopped" not in names
    assert "workerless-prod-send_email-no-jobs-processed" in names


def test_its_function_stays_for_the_day_when_it_is_called_again(cloud: Cloud) -> None:
    names = {text(one["FunctionName"]) for _, _, one in cloud.each(FUNCTION)}

    assert {"workerless-prod-send_email", "workerless-prod--pool-pool"} & names
