"""The stages as they would be deployed, synthesised once for all tests."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from aws_cdk import App

from infra.app import build
from infra.artifact import ROOT
from infra.settings import stages
from tests.infra.checkout import EDGES, write_checkout
from tests.infra.cloud import Cloud, read
from workerless.discovery import Found, discover
from workerless.http.settings import HttpSettings


@pytest.fixture(scope="session")
def edges(tmp_path_factory: pytest.TempPathFactory) -> list[Found]:
    """Job types made for these tests."""
    return discover(write_checkout(tmp_path_factory.mktemp("checkout"), EDGES))


@pytest.fixture(scope="session")
def clouds(tmp_path_factory: pytest.TempPathFactory, edges: list[Found]) -> Callable[[str], Cloud]:
    """Each stage with the checkout's own job types and those at the edges, made when asked for."""
    found = [*discover(ROOT), *edges]
    made: dict[str, Cloud] = {}

    def cloud(name: str) -> Cloud:
        if name not in made:
            stage = replace(
                stages({})[name],
                alarm_email="team@example.com",
                routes={"pooled_*": "small"},
                http=HttpSettings(tokens=name == "local"),
            )
            directory = tmp_path_factory.mktemp(name)
            app = App(outdir=str(directory))
            build(app, stage=stage, found=found)
            app.synth()
            made[name] = read(directory, stage, [one.job_type for one in found])
        return made[name]

    return cloud


@pytest.fixture(scope="session")
def assets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A build directory that no other run has filled."""
    return tmp_path_factory.mktemp("build")
