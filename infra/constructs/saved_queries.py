"""The questions that people ask the logs of a stage, saved where Logs Insights lists them."""

from collections.abc import Sequence
from itertools import batched

from aws_cdk.aws_logs import CfnQueryDefinition
from constructs import Construct

from infra.alarms.alarm import only_on_aws
from infra.queries import QUERIES
from infra.settings import Stage

# What one query may ask.
_MOST_LOG_GROUPS = 50


class SavedQueries(Construct):
    """Each asks the logs of all ``functions``; of more than 50, it is there several times."""

    def __init__(
        self, scope: Construct, construct_id: str, *, stage: Stage, functions: Sequence[str]
    ) -> None:
        super().__init__(scope, construct_id)
        groups = [f"/aws/lambda/{name}" for name in sorted(set(functions))]
        parts = list(batched(groups, _MOST_LOG_GROUPS, strict=False))
        for number, part in enumerate(parts, 1):
            for name, text in QUERIES.items():
                which = f" {number} of {len(parts)}" if len(parts) > 1 else ""
                definition = CfnQueryDefinition(
                    self,
                    f"{''.join(word.capitalize() for word in name.split(' (')[0].split())}{number}",
                    name=f"Workerless/{stage.name}/{name}{which}",
                    query_string=text,
                    log_group_names=list(part),
                )
                only_on_aws(definition, stage)
