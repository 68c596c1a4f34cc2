"""How every command begins and ends: stage, credentials, exit codes, pipes and Ctrl-C."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from botocore.exceptions import ClientError, NoCredentialsError, NoRegionError
from typer.testing import CliRunner

from tests.unit.cli import Terminal, no_deployment
from workerless import environment
from workerless.cli.app import app
from workerless.cli.exit_code import ExitCode
from workerless.cli.failure import explain
from workerless.client import Client
from workerless.errors import EnqueueFailedError, StoreUnavailableError
from workerless.local import process, state
from workerless.local.cloud import LocalCloud

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    return Terminal(folder=tmp_path)


def client_error(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "no"}}, "PutItem")


def test_stage_comes_from_option_or_environment(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(environment.STAGE, "dev")

    CliRunner().invoke(app, ["status", "x"], obj=terminal.world())
    CliRunner().invoke(app, ["status", "x", "--stage=prod"], obj=terminal.world())
    CliRunner().invoke(app, ["status", "--stage", "test", "x"], obj=terminal.world())

    assert terminal.connected == ["dev", "prod", "test"]


def test_impossible_stage_is_refused(terminal: Terminal) -> None:
    refused = terminal.run("status", "x", stage="Prod!")

    assert refused.exit_code == 2
    assert "stage must be" in refused.stderr


def test_words_after_two_dashes_are_left_alone(terminal: Terminal) -> None:
    shown = terminal.run("status", "--", "--json")

    assert shown.exit_code == 3
    assert "'--json'" in shown.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nope",), "No such command 'nope'; see `"),
        ((), "Missing command; see `"),
        (("status",), "Missing argument 'ID'; see `"),
        (("status", "x", "--nope"), "No such option"),
        (("list", "greet", "--state", "gone"), "Invalid value for '--state'"),
        (("list", "greet", "--limit", "0"), "Invalid value for '--limit'"),
        (("status", "x", "--stage"), "--stage must be followed by its value"),
    ],
)
def test_wrong_usage_is_one_line_and_two(
    terminal: Terminal, arguments: tuple[str, ...], said: str
) -> None:
    refused = CliRunner().invoke(app, list(arguments), obj=terminal.world())

    assert refused.exit_code == 2
    assert refused.stderr.startswith("workerless: ")
    assert said in refused.stderr
    assert len(refused.stderr.splitlines()) == 1


def test_help_lists_every_exit_code(terminal: Terminal) -> None:
    shown = CliRunner().invoke(app, ["--help"], obj=terminal.world())

    assert shown.exit_code == 0
    assert all(f"{code.value} " in shown.stdout for code in ExitCode)


def test_local_stage_needs_a_local_cloud(terminal: Terminal) -> None:
    refused = terminal.run("status", "x", stage="local")

    assert refused.exit_code == 6
    assert "run `workerless local up`" in refused.stderr
    assert terminal.connected == []


def test_local_stage_uses_the_clouds_endpoint_and_never_the_users_credentials(
    terminal: Terminal,
) -> None:
    this = process.find(os.getpid())
    assert this is not None
    (terminal.folder / ".local").mkdir()
    state.remember(terminal.folder / ".local", this, port=4711)
    terminal.environ.update(
        {"HOME": "/home/ada", "AWS_PROFILE": "prod", "AWS_ENDPOINT_URL_SQS": "https://real"}
    )

    terminal.run("status", "x", stage="local")

    assert terminal.environ["AWS_ENDPOINT_URL"] == "http://127.0.0.1:4711"
    assert terminal.environ["AWS_ACCESS_KEY_ID"] == "test"
    assert terminal.environ["HOME"] == "/home/ada"
    assert not {"AWS_PROFILE", "AWS_ENDPOINT_URL_SQS"} & terminal.environ.keys()


def test_other_stages_use_the_users_credentials(terminal: Terminal) -> None:
    terminal.environ["AWS_PROFILE"] = "prod"

    terminal.run("status", "x", stage="prod")

    assert terminal.environ == {"AWS_PROFILE": "prod"}


def test_local_stage_outside_of_a_checkout_says_so(terminal: Terminal, tmp_path: Path) -> None:
    (tmp_path / "cdk.json").unlink()

    refused = terminal.run("status", "x", stage="local")

    assert refused.exit_code == 2
    assert "the working directory must be in a checkout" in refused.stderr


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (NoCredentialsError(), ExitCode.DENIED, "set AWS_PROFILE"),
        (NoRegionError(), ExitCode.USAGE, "set AWS_DEFAULT_REGION"),
        (client_error("ExpiredTokenException"), ExitCode.DENIED, "ExpiredTokenException"),
        (client_error("AccessDeniedException"), ExitCode.DENIED, "get-caller-identity"),
        (client_error("ResourceNotFoundException"), ExitCode.NOT_FOUND, "--stage"),
        (client_error("InternalServerError"), ExitCode.UNREACHABLE, "try again"),
        (StoreUnavailableError("the store is away"), ExitCode.UNREACHABLE, "the store is away"),
        (EnqueueFailedError({"a": "AccessDenied"}, total=1), ExitCode.DENIED, "1 of 1"),
        (EnqueueFailedError({"a": "Throttled"}, total=1), ExitCode.UNREACHABLE, "1 of 1"),
    ],
)
def test_trouble_with_aws_has_its_code_and_its_fix(
    error: Exception, code: ExitCode, said: str
) -> None:
    explained = explain(error)

    assert explained is not None
    assert explained[0] is code
    assert said in explained[1]


def test_cause_behind_the_librarys_error_is_what_counts() -> None:
    error = StoreUnavailableError("the store is away")
    error.__cause__ = client_error("UnrecognizedClientException")

    explained = explain(error)

    assert explained is not None
    assert explained[0] is ExitCode.DENIED


def test_what_nobody_expected_keeps_its_traceback(terminal: Terminal) -> None:
    def broken(stage: str) -> Client:
        raise ZeroDivisionError

    crashed = CliRunner().invoke(
        app, ["status", "x", "--stage", "test"], obj=terminal.world(connect=broken)
    )

    assert isinstance(crashed.exception, ZeroDivisionError)


def test_interrupt_is_quiet(terminal: Terminal) -> None:
    def interrupted(stage: str) -> Client:
        raise KeyboardInterrupt

    ended = CliRunner().invoke(
        app, ["status", "x", "--stage", "test"], obj=terminal.world(connect=interrupted)
    )

    assert (ended.exit_code, ended.output) == (130, "")


def test_closed_pipe_is_quiet() -> None:
    code = "from workerless.cli.app import main; main()"
    with subprocess.Popen(
        [sys.executable, "-c", code, "schema", "send_email"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as child:
        assert child.stdout is not None
        assert child.stderr is not None
        child.stdout.close()
        complaint = child.stderr.read()

    assert (child.returncode, complaint) == (0, b"")


def test_schema_is_the_declared_payloads(terminal: Terminal) -> None:
    shown = terminal.run("schema", "greet")

    schema = json.loads(shown.stdout)
    assert schema["$id"] == "urn:workerless:greet:1"
    assert schema["properties"]["name"]["minLength"] == 1


def test_docs_are_a_page_about_what_is_declared(terminal: Terminal) -> None:
    page = terminal.run("docs").stdout

    assert page.startswith("# Job types of this project")
    assert "## greet" in page
    assert json.loads(terminal.run("docs", "--json").stdout) == {"markdown": page}


def test_schema_of_an_unknown_type_names_those_there_are(terminal: Terminal) -> None:
    refused = terminal.run("schema", "greeet")

    assert refused.exit_code == 3
    assert "type must be one of greet, got 'greeet'" in refused.stderr


def test_local_status_without_a_cloud_is_told_twice(terminal: Terminal) -> None:
    shown = terminal.run("local", "status", "--json")

    assert shown.exit_code == 6
    assert json.loads(shown.stdout) == {"running": False}


def test_local_down_without_a_cloud_is_fine(terminal: Terminal) -> None:
    assert terminal.run("local", "down").stdout == "was not running\n"
    assert json.loads(terminal.run("local", "down", "--json").stdout) == {
        "running": False,
        "ended_pid": None,
    }


def test_local_up_beside_real_credentials_is_denied(terminal: Terminal) -> None:
    def cloud(root: Path, environ: Mapping[str, str]) -> LocalCloud:
        return LocalCloud(
            directory=root / ".local", environ={"AWS_PROFILE": "prod"}, deploy=no_deployment
        )

    refused = CliRunner().invoke(app, ["local", "up"], obj=terminal.world(cloud=cloud))

    assert refused.exit_code == 5
    assert "env -u AWS_PROFILE workerless local up" in refused.stderr


def test_documentation_lists_every_exit_code() -> None:
    text = (ROOT / "docs" / "cli.md").read_text()

    assert all(f"| {code.value} |" in text for code in ExitCode)
