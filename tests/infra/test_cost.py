"""What ``workerless cost`` says stands in a stage is what its templates have."""

from collections.abc import Callable

import pytest

from tests.infra.cloud import ALARM, COMPOSITE, Cloud, Template
from workerless.operations.cost import EACH_JOB_TYPE, SHARED, Deployed, Profile

DASHBOARD, FILTER = "AWS::CloudWatch::Dashboard", "AWS::Logs::MetricFilter"
STAGES = {"dev": Profile.BASIC, "prod": Profile.FULL}


def standing(*templates: Template) -> Deployed:
    alarms = [alarm for one in templates for _, alarm in one.of(ALARM)]
    return Deployed(
        alarm_metrics=sum(
            sum("MetricStat" in metric for metric in alarm["Metrics"]) if "Metrics" in alarm else 1
            for alarm in alarms
        ),
        composites=sum(1 for one in templates for _ in one.of(COMPOSITE)),
        dashboards=sum(1 for one in templates for _ in one.of(DASHBOARD)),
        metrics=sum(1 for one in templates for _ in one.of(FILTER)),
    )


@pytest.mark.parametrize(("stage", "profile"), STAGES.items())
def test_stage_has_what_it_is_charged_for(
    stage: str, profile: Profile, clouds: Callable[[str], Cloud]
) -> None:
    cloud = clouds(stage)
    assert cloud.stage.alarms.name.lower() == profile
    plain = [one for one in cloud.templates if one.name.endswith("-job-send-email")]
    of_types = ("-job-", "-pool-")
    shared = [one for one in cloud.templates if not any(kind in one.name for kind in of_types)]

    assert standing(*plain) == EACH_JOB_TYPE[profile]
    assert standing(*shared) == SHARED[profile]
