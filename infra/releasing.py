"""Who may deploy, an application of its own: a person deploys it, once a stage.

``cdk deploy --app "python -m infra.releasing" -c stage=staging -c repository=owner/name``, and
``-c provider=ARN`` in an account that knows GitHub already.
"""

import os

from aws_cdk import App, Validations
from cdk_nag import AwsSolutionsChecks, ServerlessChecks

from infra.acknowledgements import acknowledge_releasing
from infra.settings import Stage, find_stage
from infra.stacks.releasing import ReleasingStack


def build(app: App, *, stage: Stage, repository: str, provider: str | None = None) -> None:
    """Adds the stack to ``app``; its synthesis fails on a finding of cdk-nag."""
    Validations.of(app).add_plugins(AwsSolutionsChecks(app), ServerlessChecks(app))
    stack = ReleasingStack(app, stage=stage, repository=repository, provider=provider)
    acknowledge_releasing(stack, stage)


def main() -> None:
    """Synthesises the stack for the stage and repository of the context."""
    app = App()
    stage, repository, provider = (
        app.node.try_get_context(name) for name in ("stage", "repository", "provider")
    )
    build(
        app,
        stage=find_stage(str(stage), os.environ),
        repository=str(repository),
        provider=provider,
    )
    app.synth()


if __name__ == "__main__":
    main()
