"""The application: ``python -m infra.app``, as ``cdk`` runs it.

The stage is the CDK context value ``stage``, else the variable WORKERLESS_STAGE, else ``local``.
"""

import os
from collections.abc import Iterable, Sequence
from typing import Any

from aws_cdk import App, Validations
from cdk_nag import AwsSolutionsChecks, ServerlessChecks

from infra import bundling
from infra.acknowledgements import (
    acknowledge_api,
    acknowledge_core,
    acknowledge_job_type,
    acknowledge_pool,
)
from infra.artifact import ROOT, Artifact
from infra.constructs.worker_role import Others
from infra.discovery import deployable
from infra.pooling import Pool, pool_of, pools_of
from infra.settings import Stage, find_stage
from infra.sharing import check_shared
from infra.stacks.api import ApiStack
from infra.stacks.core import CoreStack
from infra.stacks.job_type import JobTypeStack, Own
from infra.stacks.overview import OverviewStack
from infra.stacks.pool import PoolStack
from workerless import naming
from workerless.discovery import Found
from workerless.environment import STAGE
from workerless.job_type import JobType
from workerless.source import watches_files


def build(app: App, *, stage: Stage, found: Iterable[Found]) -> None:
    """Adds the stacks of ``stage`` to ``app``; its synthesis fails on a finding of cdk-nag."""
    found = list(found)
    all_types = [one.job_type for one in found]
    check_shared(all_types)
    Validations.of(app).add_plugins(AwsSolutionsChecks(app), ServerlessChecks(app))
    layer = bundling.layer(stage.wheels)
    sweeper = bundling.function(ROOT / "functions" / "sweeper", stage.wheels)
    operator = bundling.function(ROOT / "functions" / "operator", stage.wheels, declarations=True)
    whole = bundling.layer(stage.wheels, operates=True)
    ticker = bundling.function(ROOT / "functions" / "ticker", stage.wheels)
    orchestrator = bundling.function(ROOT / "functions" / "orchestrator", stage.wheels)
    core = CoreStack(
        app,
        stage=stage,
        layer=whole,
        sweeper=sweeper,
        operator=operator,
        ticker=ticker,
        publisher=_publisher(stage),
        watches_files=any(watches_files(one) for one in all_types),
        orchestrator=orchestrator,
    )
    acknowledge_core(core, stage)
    _add_api(app, stage=stage, found=found).add_stack_dependency(core)
    pools = pools_of(found, stage)
    shared = {pool.name: _add_pool(app, pool, stage, layer, all_types) for pool in pools}
    for of_pool in shared.values():
        of_pool.add_stack_dependency(core)
    stacks = []
    for one in found:
        pool = pool_of(one, pools)
        runs = pool or Own(
            layer=layer,
            code=bundling.function(one.path.parent, stage.wheels),
            others=Others.of(one.job_type, all_types),
        )
        stack = JobTypeStack(app, found=one, stage=stage, runs=runs)
        # A mapping can be made only once its function is there.
        stack.add_stack_dependency(shared[pool.name] if pool else core)
        acknowledge_job_type(stack, one.job_type, stage)
        stacks.append(stack)
    # A stage begins with its core, whatever is deployed of it.
    OverviewStack(app, stage=stage, stacks=stacks).add_stack_dependency(core)


def _publisher(stage: Stage) -> Artifact | None:
    folder = ROOT / "functions" / "publisher"
    return bundling.function(folder, stage.wheels) if stage.lifecycle else None


def _add_pool(
    app: App,
    pool: Pool,
    stage: Stage,
    layer: Artifact,
    all_types: Sequence[JobType[Any, Any]],
) -> PoolStack:
    code = bundling.pool(pool.members, stage.wheels)
    stack = PoolStack(app, pool=pool, stage=stage, layer=layer, code=code, all_types=all_types)
    acknowledge_pool(stack, stage)
    return stack


def _add_api(app: App, *, stage: Stage, found: Sequence[Found]) -> ApiStack:
    stack = ApiStack(
        app,
        stage=stage,
        layer=bundling.layer(stage.wheels, operates=True),
        code=bundling.function(ROOT / "functions" / "api", stage.wheels, declarations=True),
        job_types=[one.job_type.name for one in found],
        functions=_functions(found, stage),
    )
    acknowledge_api(stack, stage)
    return stack


def _functions(found: Sequence[Found], stage: Stage) -> list[str]:
    """The names of all: those that run jobs, and the stage's own."""
    pools = pools_of(found, stage)
    of_stage = [naming.sweeper, naming.operator, naming.ticker, naming.orchestrator, naming.api]
    names = [name(stage.name) for name in of_stage]
    if stage.lifecycle:
        names.append(naming.publisher(stage.name))
    for one in found:
        pool = pool_of(one, pools)
        names.append(
            naming.pool(stage.name, pool.name)
            if pool
            else naming.resource(stage.name, one.job_type.name)
        )
    return names


def main() -> None:
    """Synthesises the stage asked for, with the job types of this checkout."""
    app = App()
    name = app.node.try_get_context("stage") or os.environ.get(STAGE) or "local"
    stage = find_stage(name, os.environ)
    build(app, stage=stage, found=deployable(ROOT, stage))
    app.synth()


if __name__ == "__main__":
    main()
