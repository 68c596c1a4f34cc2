"""``tools/stack_diff.py``: what a pull request is told of the stacks that it changes."""

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from aws_cdk import App, RemovalPolicy, Stack
from aws_cdk.aws_sqs import Queue

SCRIPT = Path(__file__).resolve().parents[2] / "tools" / "stack_diff.py"
OLD, NEW = "a" * 64, "b" * 64


@pytest.fixture(scope="module")
def stack_diff() -> ModuleType:
    spec = importlib.util.spec_from_file_location("stack_diff_script", SCRIPT)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def function(code: str, timeout: int = 3) -> dict[str, Any]:
    return {"F": {"Properties": {"Code": f"{code}.zip", "Timeout": timeout}}}


def test_stacks_are_told_apart_by_what_becomes_of_them(stack_diff: ModuleType) -> None:
    before = {"same": function(OLD), "gone": {}, "code": function(OLD), "more": function(OLD)}
    after = {"same": function(OLD), "new": {}, "code": function(NEW), "more": function(NEW, 4)}

    changes = stack_diff.compare(before, after)

    assert (changes.added, changes.gone) == (["new"], ["gone"])
    assert (changes.recoded, changes.changed) == (["code"], ["more"])


def stack(timeout: int, *, queue: bool) -> dict[str, Any]:
    told = {"FunctionName": "f", "Timeout": timeout}
    resources = {"F": {"Type": "AWS::Lambda::Function", "Properties": told}}
    return {"Resources": resources | ({"Q": {"Type": "AWS::SQS::Queue"}} if queue else {})}


@pytest.mark.parametrize(
    ("was", "becomes", "queue", "jumps"),
    [
        (60, 10, True, False),
        (60, 9, True, True),
        (60, 9, False, True),
        (10, 900, True, False),  # its queue changes first
        (10, 60, False, False),
        (10, 61, False, True),
    ],
)
def test_timeout_that_outruns_what_its_queue_hides_is_told(
    stack_diff: ModuleType, was: int, becomes: int, *, queue: bool, jumps: bool
) -> None:
    before, after = {"one": stack(was, queue=queue)}, {"one": stack(becomes, queue=queue)}

    changes = stack_diff.compare(before, after)

    assert changes.jumps == ([f"f: from {was} to {becomes} s"] if jumps else [])
    said = stack_diff.report(changes, {"one": ""}, stage="prod", base="abc")
    assert (f"- f: from {was} to {becomes} s" in said) is jumps


def assembly(directory: Path, **names: str) -> Path:
    """One stack with a queue for each name; what is called ``kept`` outlives its stack."""
    app = App(outdir=str(directory))
    stack = Stack(app, "queues")
    for construct_id, name in names.items():
        queue = Queue(stack, construct_id, queue_name=name)
        keeps = construct_id.startswith("Kept")
        queue.apply_removal_policy(RemovalPolicy.RETAIN if keeps else RemovalPolicy.DESTROY)
    app.synth()
    return directory


@pytest.fixture(scope="module")
def told(stack_diff: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> str:
    """What the CDK itself says, with neither an account nor a network."""
    folder = tmp_path_factory.mktemp("assemblies")
    before = assembly(folder / "before", Renamed="one", Gone="two", KeptOne="three", Same="four")
    after = assembly(folder / "after", Renamed="uno", Same="four", New="five")
    said: str = stack_diff.difference("queues", before, after)
    return said


def test_what_is_lost_or_replaced_is_to_be_looked_at_twice(
    stack_diff: ModuleType, told: str
) -> None:
    fates = stack_diff.fates(told)

    told_of = sorted((fate.split()[1][:4], fate.split(": ")[-1]) for fate in fates)
    assert told_of == [("Gone", "destroy"), ("Kept", "orphan"), ("Rena", "replace")]


def test_code_that_is_made_anew_is_no_loss(stack_diff: ModuleType) -> None:
    said = "[~] AWS::Lambda::LayerVersion Worker/Library WorkerLibrary68E6E31E replace"

    assert stack_diff.fates(said) == []


def test_report_says_all_of_it(stack_diff: ModuleType, told: str) -> None:
    changes = stack_diff.Changes(added=["n"], gone=["g"], changed=["queues"], recoded=["c", "d"])

    text = stack_diff.report(changes, {"queues": told}, stage="prod", base="abc")

    assert "**Look twice:** 3 resources" in text
    assert "New stacks: n." in text
    assert "Only their code changes: c, d." in text
    assert "stay until somebody destroys them: g." in text
    assert "<details><summary>queues</summary>" in text
    assert "[+] AWS::SQS::Queue New" in text


def test_a_page_has_room_for_every_stack(stack_diff: ModuleType) -> None:
    changes = stack_diff.Changes(added=[], gone=[], changed=["one"], recoded=[])

    text = stack_diff.report(changes, {"one": "x" * 1_000_000}, stage="prod", base="abc")

    assert len(text) < 21_000
    assert "(cut here)" in text


def test_no_change_is_said_to_be_none(stack_diff: ModuleType) -> None:
    none = stack_diff.compare({"same": {}}, {"same": {}})

    assert stack_diff.report(none, {}, stage="prod", base="abc").endswith("Nothing.")
