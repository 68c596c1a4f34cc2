"""The workflows of GitHub Actions: what they may, what they use, and that all of it exists."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest

from tests.architecture import workflow_rules as rules

type Rule = Callable[[str], Iterator[str]]

RULES: list[Rule] = [
    rules.actions_are_pinned,
    rules.nothing_is_granted_at_large,
    rules.jobs_end,
    rules.runs_do_not_pile_up,
    rules.nobody_writes_our_scripts,
    rules.credentials_are_not_left_behind,
    rules.words_of_a_variable_are_whole,
    rules.commands_exist,
]
_JOB = """
permissions: {}
concurrency: one
jobs:
  one:
    permissions: {contents: read}
    timeout-minutes: 5
    steps:
      - run: make test
"""
SHA = "3d3c42e5aac5ba805825da76410c181273ba90b1"


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("name", rules.files())
def test_workflow_keeps_every_rule(name: str, rule: Rule) -> None:
    assert list(rule(rules.files()[name])) == []


@pytest.mark.parametrize(
    ("rule", "old", "new"),
    [
        (rules.actions_are_pinned, "run: make test", "uses: actions/checkout@v7"),
        (rules.actions_are_pinned, "run: make test", f"uses: actions/checkout@{SHA}"),
        (rules.actions_are_pinned, "run: make test", "uses: $/.github/workflows/none.yml"),
        (rules.nothing_is_granted_at_large, "permissions: {}", "permissions: read-all"),
        (rules.nothing_is_granted_at_large, "contents: read", "contents: write"),
        (rules.nothing_is_granted_at_large, "    permissions: {contents: read}\n", ""),
        (rules.jobs_end, "    timeout-minutes: 5\n", ""),
        (rules.runs_do_not_pile_up, "concurrency: one\n", ""),
        (rules.nobody_writes_our_scripts, "make test", "cat ${{ github.head_ref }}"),
        (rules.nobody_writes_our_scripts, "make test", "make test  # secrets.TOKEN"),
        (rules.credentials_are_not_left_behind, "run: make test", "uses: actions/checkout@x"),
        (
            rules.words_of_a_variable_are_whole,
            "    timeout-minutes: 5\n",
            "    if: contains(vars.DEPLOYS_TO, 'prod')\n",
        ),
        (rules.commands_exist, "make test", "make tea"),
        (rules.commands_exist, "make test", "bash .ci/none"),
        (rules.commands_exist, "make test", ".venv/bin/workerless none"),
        (rules.commands_exist, "make test", ".venv/bin/python tools/none.py"),
        (rules.commands_exist, "make test", "make test && wget it"),
    ],
)
def test_rule_can_be_broken(rule: Rule, old: str, new: str) -> None:
    assert [list(each(_JOB)) for each in RULES] == [[] for _ in RULES]
    assert _JOB.count(old) == 1

    assert len(list(rule(_JOB.replace(old, new)))) == 1


def test_an_action_is_of_one_release_everywhere() -> None:
    used = {
        one
        for text in rules.files().values()
        for one in rules.uses(text)
        if not one.startswith("$")
    }

    assert len(used) == len({one.split("@")[0] for one in used})


def test_scanners_find_nothing_in_code_and_workflows() -> None:
    command = [sys.executable, "tools/security.py", "code", "workflows"]

    done = subprocess.run(command, cwd=rules.ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("nothing found") == 2


def test_unknown_part_is_refused_with_those_there_are() -> None:
    command = [sys.executable, "tools/security.py", "cod"]

    done = subprocess.run(command, cwd=rules.ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert "ONLY must be of code, workflows, packages, got cod" in done.stderr


@pytest.mark.parametrize(("variables", "asked"), [({}, "broadening"), ({"CI": "true"}, "never")])
def test_make_deploy_asks_people_and_not_machines(variables: dict[str, str], asked: str) -> None:
    command = ["make", "-n", "deploy", "STAGE=dev", *(f"{k}={v}" for k, v in variables.items())]
    # Neither told by the machine nor by the make that runs these tests.
    told = {"CI", "MAKEFLAGS", "MFLAGS", "MAKELEVEL"}
    bare = {name: value for name, value in os.environ.items() if name not in told}

    done = subprocess.run(
        command, cwd=rules.ROOT, env=bare, capture_output=True, text=True, check=True
    )

    assert "WORKERLESS_STAGE=dev cdk deploy --all" in done.stdout
    assert done.stdout.rstrip().endswith(f"--require-approval {asked}")
