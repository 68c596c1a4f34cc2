"""One cloud for all that is done to it, and one soak for all that is asked of it."""

import os
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest

from tests.chaos.cloud import Cloud, deployed
from tests.chaos.crew import Crew
from tests.chaos.proxy import proxy
from tests.chaos.soak import Plan, Soak, Soaked
from workerless.local import credentials

_NIGHTLY = 10_000


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    root, directory = tmp_path_factory.mktemp("checkout"), tmp_path_factory.mktemp("cloud")
    with deployed(root, directory) as running:
        yield running


@pytest.fixture(scope="session")
def crew(cloud: Cloud, tmp_path_factory: pytest.TempPathFactory) -> Crew:
    return Crew(cloud=cloud, folder=tmp_path_factory.mktemp("crew"))


@pytest.fixture(scope="session")
def plan() -> Plan:
    """What a push runs; ``make chaos`` says otherwise."""
    jobs = int(os.environ.get("CHAOS_JOBS", "1000"))
    return Plan(
        seed=int(os.environ.get("CHAOS_SEED") or time.time()),
        jobs=jobs,
        probability=float(os.environ.get("CHAOS_PROBABILITY", "0.02")),
        kills=0.03,
        patience=timedelta(seconds=480 + jobs / 4),
        restart=jobs >= _NIGHTLY,
    )


@pytest.fixture(scope="session")
def soaked(
    cloud: Cloud,
    plan: Plan,
    tmp_path_factory: pytest.TempPathFactory,
) -> Soaked:
    folder = tmp_path_factory.mktemp("soak")
    (folder / "ledger").mkdir()
    with (
        proxy(
            cloud.emulator.endpoint, seed=plan.seed, probability=plan.probability, directory=folder
        ) as between,
        pytest.MonkeyPatch.context() as patch,
    ):
        for name, value in credentials.dummy(between.endpoint).items():
            patch.setenv(name, value)
        return Soak(plan=plan, cloud=cloud, proxy=between, folder=folder / "ledger").run()
