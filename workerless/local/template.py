"""What was deployed to a local cloud, as its templates say it: alarms and dashboards.

The emulator refuses some of the alarms and draws no dashboard; the templates have them all.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from workerless.alarming.template import Alarms
from workerless.alarming.template import read as read_alarms
from workerless.local.credentials import ACCOUNT, REGION
from workerless.local.deploy import ASSEMBLY
from workerless.local.errors import LocalCloudError

PSEUDO = {"AWS::Region": REGION, "AWS::AccountId": ACCOUNT, "AWS::Partition": "aws"}


def templates(directory: Path) -> Iterator[Mapping[str, Any]]:
    """Those of the cloud in ``directory``; raises ``LocalCloudError`` when there are none."""
    files = sorted((directory / ASSEMBLY).glob("*.template.json"))
    if not files:
        raise LocalCloudError(
            f"{directory / ASSEMBLY} must have what was deployed, and is empty; "
            "run `workerless local up`"
        )
    for file in files:
        yield json.loads(file.read_text(encoding="utf-8"))


def alarms(directory: Path) -> Alarms:
    """All that the stage would have on AWS."""
    read = (read_alarms(one, pseudo=PSEUDO) for one in templates(directory))
    return sum(read, Alarms())
