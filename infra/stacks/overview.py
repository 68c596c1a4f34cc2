"""The page of a stage, about all job types at once."""

from collections.abc import Sequence
from itertools import chain

from aws_cdk import App, Stack, Tags

from infra.dashboards import overview_page
from infra.dashboards.console import Console
from infra.dashboards.page import add_page
from infra.settings import Stage
from infra.stacks.job_type import JobTypeStack
from infra.tagging import stage_tags
from workerless import naming


class OverviewStack(Stack):
    """Knows the others by names alone: no job type waits for it, nor it for any."""

    def __init__(self, scope: App, *, stage: Stage, stacks: Sequence[JobTypeStack]) -> None:
        name = f"workerless-{stage.name}-overview"
        super().__init__(
            scope,
            name,
            stack_name=name,
            description=f"Workerless, stage {stage.name}: the page of all job types",
            env=stage.environment,
        )
        types = [one.shown for one in stacks]
        add_page(
            self,
            name=naming.overview(stage.name),
            shelves=overview_page.shelves(types, stage, Console.of(self)),
            places=overview_page.places(types, stage),
            alarms=list(chain.from_iterable(one.alarms.first for one in stacks)),
        )
        for key, value in stage_tags(stage).items():
            Tags.of(self).add(key, value)
