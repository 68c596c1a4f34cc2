"""What the scanners of others say about every template."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from aws_cdk import App
from aws_cdk.aws_sqs import Queue

from infra.app import build
from infra.settings import stages
from infra.stacks.core import CoreStack
from tests.infra.cloud import Cloud

# The CDK spells out a function's dependency on its role, which a reference implies already.
_CDK_OWN = "W3005"


@pytest.mark.parametrize("stage", ["local", "prod"])
def test_cfn_lint_finds_nothing(stage: str, clouds: Callable[[str], Cloud], tmp_path: Path) -> None:
    for template in clouds(stage).templates:
        (tmp_path / f"{template.name}.json").write_text(template.source)

    files = sorted(str(path) for path in tmp_path.glob("*.json"))
    command = [str(Path(sys.executable).with_name("cfn-lint")), "--ignore-checks", _CDK_OWN, "--"]

    done = subprocess.run([*command, *files], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_synthesis_fails_on_a_finding_of_cdk_nag(tmp_path: Path) -> None:
    app = App(outdir=str(tmp_path))
    build(app, stage=stages({})["prod"], found=[])
    [core] = [child for child in app.node.children if isinstance(child, CoreStack)]
    Queue(core, "PlainText", enforce_ssl=False)

    with pytest.raises(RuntimeError, match="AwsSolutions-SQS4"):
        app.synth()
