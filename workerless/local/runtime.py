"""The Python that local functions run under: what Lambda's runtime holds, and nothing else.

A virtual environment with boto3 and what boto3 needs, linked from the developer's. All else must
come from the layer or the function's own asset, as on AWS.
"""

import importlib.util
import sys
import venv
from pathlib import Path

from workerless.local.errors import LocalCloudError

_PROVIDED = ("boto3", "botocore", "s3transfer", "jmespath", "dateutil", "urllib3", "six")


def build(directory: Path) -> Path:
    """Make the environment anew in ``directory``; returns its interpreter."""
    venv.create(directory, clear=True, symlinks=True, with_pip=False)
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    packages = directory / "lib" / version / "site-packages"
    for name in _PROVIDED:
        origin = _origin(name)
        (packages / origin.name).symlink_to(origin)
    return directory / "bin" / "python"


def _origin(name: str) -> Path:
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        raise LocalCloudError(f"{name} is not installed; run `make setup` in the checkout again")
    path = Path(spec.origin)
    return path.parent if path.name == "__init__.py" else path
