"""Fills in what a declaration leaves open until it is known where it is deployed."""

from collections.abc import Mapping

from aws_cdk import Stack, Token

from infra.settings import Stage
from workerless import naming


def fill(template: str, *, stage: Stage, stack: Stack) -> str:
    """``template`` with the placeholders of ``workerless.permission`` filled in."""
    return _fill(template, stage.name, stack.partition, stack.region, stack.account)


def fill_all(templates: Mapping[str, str], *, stage: Stage, stack: Stack) -> dict[str, str]:
    """``templates`` with their values filled in."""
    return {name: fill(value, stage=stage, stack=stack) for name, value in templates.items()}


def fill_for_people(template: str, *, stage: Stage, stack: Stack) -> str:
    """As ``fill``, with what only the deployment knows as cdk-nag writes it: ``<AWS::Region>``."""
    region = "<AWS::Region>" if Token.is_unresolved(stack.region) else stack.region
    account = "<AWS::AccountId>" if Token.is_unresolved(stack.account) else stack.account
    return _fill(template, stage.name, "<AWS::Partition>", region, account)


def _fill(template: str, stage: str, partition: str, region: str, account: str) -> str:
    return template.format(
        partition=partition,
        region=region,
        account=account,
        stage=stage,
        bucket=naming.bucket(stage, account, region),
    )
