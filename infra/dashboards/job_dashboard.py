"""One page about a job type."""

from aws_cdk import Stack
from aws_cdk.aws_lambda import IFunction
from constructs import Construct

from infra.alarms.job_alarms import FUNCTION, JobAlarms
from infra.alarms.system_alarms import of_function
from infra.dashboards.console import Console
from infra.dashboards.job_page import shelves, words
from infra.dashboards.page import add_page
from infra.dashboards.shown import Shown
from infra.settings import Stage
from workerless import naming


class JobDashboard(Construct):
    """It shows what the alarms watch, and why it came to that."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        shown: Shown,
        stage: Stage,
        function: IFunction,
        alarms: JobAlarms,
    ) -> None:
        super().__init__(scope, construct_id)
        add_page(
            self,
            name=naming.resource(stage.name, shown.job_type.name),
            shelves=shelves(shown, words(shown, stage, Console.of(Stack.of(self)))),
            places={**alarms.watched.places, FUNCTION: of_function(function)},
            alarms=alarms.shown,
        )
