"""Relations about who reaches which files."""

from collections.abc import Iterator, Mapping
from typing import Any

from tests.infra.cloud import Cloud, listed, statements, text
from tests.infra.relations.access import declared_wildcards

_FILES = ("payloads/", "results/", "errors/")


def files_are_reached_below_the_own_prefix_only(cloud: Cloud) -> Iterator[str]:
    """And its bucket's list with a prefix: whose keys there are is nobody else's business.

    Unless a job type declares that it needs more, for all to read.
    """
    declared = declared_wildcards(cloud)
    for template, name, policy in cloud.each("AWS::IAM::Policy"):
        for statement in statements(policy):
            for resource in map(text, listed(statement["Resource"])):
                path = resource.partition("/")[2]
                # The sweeper keeps payloads of all job types, in a stack that has none of its own.
                own = _owners(path, cloud.job_types_of(template), cloud) or {"*"}
                if path in declared or not path.startswith(_FILES):
                    continue
                if path.split("/")[1] not in own:
                    yield f"{name}: {resource} is not of this stack"
            if "s3:ListBucket" in listed(statement["Action"]):
                below = _listed_below(statement)
                if not below or not all(
                    one.startswith(_FILES) or f"{one}*" in declared for one in below
                ):
                    yield f"{name}: may list the bucket below {below or '*'}"


def _owners(path: str, own: set[str], cloud: Cloud) -> set[str]:
    """Whose files its functions may touch: a parent writes its children's payloads."""
    if not path.startswith("payloads/"):
        return own
    return own | {child for one in cloud.job_types if one.name in own for child in one.children}


def who_fetches_files_learns_that_one_is_gone(cloud: Cloud) -> Iterator[str]:
    """Else S3 answers AccessDenied, which is no end of anything."""
    for _, name, policy in cloud.each("AWS::IAM::Policy"):
        allowed = list(statements(policy))
        below = {one for statement in allowed for one in _listed_below(statement)}
        for statement in allowed:
            if "s3:GetObject" in listed(statement["Action"]):
                for resource in map(text, listed(statement["Resource"])):
                    path = resource.partition("/")[2]
                    if path.startswith(_FILES) and path not in below:
                        yield f"{name}: {resource} may be gone, and who would know"


def _listed_below(statement: Mapping[str, Any]) -> list[str]:
    """The prefixes below which a bucket may be listed."""
    if "s3:ListBucket" not in listed(statement["Action"]):
        return []
    return listed(statement.get("Condition", {}).get("StringLike", {}).get("s3:prefix", []))


FILE_RELATIONS = (
    files_are_reached_below_the_own_prefix_only,
    who_fetches_files_learns_that_one_is_gone,
)
