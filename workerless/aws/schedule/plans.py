"""The schedules that job types declare, as their stacks published them in SSM parameters."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from workerless import naming
from workerless.aws.fault import NO_ANSWER, code_of
from workerless.errors import WorkerlessError
from workerless.schedule.plan import Plan, read_plan

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient


class SsmPlans:
    """Those of one stage, read anew with every call.

    ``on_broken`` is told of each parameter that is no plan, as of a later version.
    """

    def __init__(
        self, client: "SSMClient", stage: str, *, on_broken: Callable[[WorkerlessError], None]
    ) -> None:
        self._client = client
        self._stage = naming.check_stage(stage)
        self._on_broken = on_broken

    def all(self) -> dict[str, Plan | None]:
        path = naming.schedule_parameters(self._stage)
        try:
            pages = self._client.get_paginator("get_parameters_by_path").paginate(Path=path)
            found = [parameter for page in pages for parameter in page["Parameters"]]
        except NO_ANSWER as error:
            raise WorkerlessError(
                f"SSM parameters {path} could not be read: {code_of(error)}: {error}"
            ) from error
        plans: dict[str, Plan | None] = {}
        for parameter in found:
            schedule_id = parameter["Name"].removeprefix(f"{path}/")
            try:
                plans[schedule_id] = read_plan(parameter["Value"])
            except WorkerlessError as error:
                plans[schedule_id] = None
                self._on_broken(error)
        return plans
