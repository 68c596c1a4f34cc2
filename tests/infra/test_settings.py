"""Stages: what Lambda would refuse is refused where it is written."""

import pytest
from aws_cdk.aws_logs import RetentionDays

from infra.settings import Stage
from workerless.errors import WorkerlessError


@pytest.mark.parametrize("most", [-1, 0, 1])
def test_stage_may_not_lower_concurrency_below_lambdas_floor(most: int) -> None:
    with pytest.raises(WorkerlessError, match=f"at least 2 .* got {most}"):
        Stage(
            name="dev",
            keeps_data=False,
            log_retention=RetentionDays.ONE_DAY,
            max_concurrency=most,
        )
