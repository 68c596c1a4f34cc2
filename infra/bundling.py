"""What Lambda gets: one layer for all functions, one small asset for each.

The layer holds the library and what it needs; the asset holds ``functions/*.py``, the job type's
own folder and its own requirements. boto3 comes with Lambda's runtime.
"""

import shutil
from pathlib import Path

from infra.artifact import BUILD, ROOT, Artifact, build_once, copy, describe, tree
from infra.wheels import compile_tree, install

_LAYER_PREFIX = "/opt/python"
_ASSET_PREFIX = "/var/task"
# Parts of the library that never run in Lambda.
_AT_HOME = frozenset({"cli", "local", "testing", "discovery.py", "catalogue.py"})
# A quarter of what comes with the wheels and of no use to a worker: an HTTP framework with its web
# pages, what stands on it, what needs packages that the layer does not bring, and pydantic 1. A job
# type that wants one of them names its package in its own requirements: the asset comes first.
PRUNED = (
    "aws_lambda_powertools/event_handler",
    "aws_lambda_powertools/utilities/auth_alpha",
    "aws_lambda_powertools/utilities/data_masking",
    "aws_lambda_powertools/utilities/idempotency",
    "aws_lambda_powertools/utilities/validation",
    "pydantic/v1",
)


def layer(platform: str, *, into: Path = BUILD) -> Artifact:
    """The library and ``requirements/lambda.txt``, below ``python/`` as Lambda wants it."""
    wheels = install(
        ROOT / "requirements" / "lambda.txt", platform=platform, prefix=_LAYER_PREFIX, into=into
    )
    library = ROOT / "workerless"
    files = tree(library, without=_AT_HOME)

    def build(directory: Path) -> None:
        shutil.copytree(wheels.path, directory / "python")
        for part in PRUNED:
            shutil.rmtree(directory / "python" / part)
        copy(library, files, directory / "python" / "workerless")
        compile_tree(directory / "python" / library.name, prefix=f"{_LAYER_PREFIX}/{library.name}")

    return build_once("layers", (wheels.key, *describe(library, files)), build, into=into)


def function(folder: Path, platform: str, *, into: Path = BUILD) -> Artifact:
    """The asset of the job type in ``folder``, a folder of the package ``functions``."""
    package = folder.parent
    files = _files(folder)
    wheels = _wheels(folder, platform, into)

    def build(directory: Path) -> None:
        if wheels:
            shutil.copytree(wheels.path, directory, dirs_exist_ok=True)
        copy(package, files, directory / package.name)
        compile_tree(directory / package.name, prefix=f"{_ASSET_PREFIX}/{package.name}")

    inputs = (wheels.key if wheels else "", *describe(package, files))
    return build_once("functions", (folder.name, *inputs), build, into=into)


def _files(folder: Path) -> list[Path]:
    """Relative to the package: its own modules, and the job type's folder."""
    shared = [Path(path.name) for path in sorted(folder.parent.glob("*.py"))]
    without = frozenset({"requirements.in", "requirements.txt"})
    return shared + [Path(folder.name) / file for file in tree(folder, without=without)]


def _wheels(folder: Path, platform: str, into: Path) -> Artifact | None:
    requirements = folder / "requirements.txt"
    if not requirements.is_file():
        return None
    return install(requirements, platform=platform, prefix=_ASSET_PREFIX, into=into)
