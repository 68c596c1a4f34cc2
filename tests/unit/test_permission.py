"""permission: exact actions, ARNs, and only placeholders that a stack fills in."""

from typing import Any

import pytest

from workerless.errors import DeclarationError
from workerless.permission import PLACEHOLDERS, Allow, check_placeholders

ARN = "arn:{partition}:s3:::{bucket}/images/*"


def test_exact_action_on_an_arn_is_allowed() -> None:
    allow = Allow(actions=("s3:GetObject",), resources=(ARN,))

    assert (allow.actions, allow.resources) == (("s3:GetObject",), (ARN,))


@pytest.mark.parametrize(
    ("actions", "resources", "words"),
    [
        (("s3:*",), (ARN,), "actions must be exact.* got 's3:\\*'"),
        (("*",), (ARN,), "actions must be exact.* got '\\*'"),
        (("GetObject",), (ARN,), "actions must be exact.* got 'GetObject'"),
        (("s3:GetObject",), ("*",), "resources must be ARNs.* got '\\*'"),
        (("s3:GetObject",), ("{bucket}",), "resources must be ARNs.* got '{bucket}'"),
        (("s3:GetObject",), ("arn:{zone}",), "resources may hold only .* got 'arn:{zone}'"),
        ((), (ARN,), "at least one action and one resource"),
        (("s3:GetObject",), (), "at least one action and one resource"),
    ],
)
def test_broad_or_unreadable_statement_is_refused(
    actions: tuple[str, ...], resources: tuple[str, ...], words: str
) -> None:
    with pytest.raises(DeclarationError, match=words):
        Allow(actions=actions, resources=resources)


def test_statement_may_have_conditions_with_placeholders() -> None:
    where = {"StringLike": {"s3:prefix": ("images/*", "{stage}/*")}}

    allow = Allow(actions=("s3:ListBucket",), resources=("arn:aws:s3:::x",), conditions=where)

    assert allow.conditions == where


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ("images/*", "conditions must have tuples of texts as values, got 'images/\\*'"),
        ((), r"conditions must have tuples of texts as values, got \(\)"),
        ((1,), r"conditions must have tuples of texts as values, got \(1,\)"),
        (("{zone}",), "conditions may hold only .* got '{zone}'"),
    ],
)
def test_condition_of_anything_else_is_refused(values: Any, words: str) -> None:
    where = {"StringLike": {"s3:prefix": values}}

    with pytest.raises(DeclarationError, match=words):
        Allow(actions=("s3:ListBucket",), resources=("arn:aws:s3:::x",), conditions=where)


@pytest.mark.parametrize(
    "template", ["", "plain", "{{literal}}", *("{" + name + "}-x" for name in PLACEHOLDERS)]
)
def test_text_with_known_placeholders_is_accepted(template: str) -> None:
    check_placeholders("environment", template)


@pytest.mark.parametrize(
    "template",
    [
        "{zone}",
        "{}",
        "{0}",
        "{",
        "}",
        "{region",
        "{region.upper}",
        "{region.nope}",
        "{bucket[0]}",
        "{bucket[a]}",
        "{stage!r}",
        "{stage:>10}",
        "{stage:{region}}",
        "${aws:username}",
    ],
)
def test_anything_else_in_braces_is_refused_naming_what_is_known(template: str) -> None:
    with pytest.raises(DeclarationError, match=r"environment may hold only .*{bucket}, got"):
        check_placeholders("environment", template)
