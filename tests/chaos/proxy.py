"""The proxy between clients and the local cloud, a process of its own."""

import json
import subprocess
import sys
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.chaos import launcher
from tests.chaos.rules import rules
from workerless.local import process, start


@dataclass(frozen=True, slots=True, kw_only=True)
class Proxy:
    """A running proxy; ``endpoint`` is what an AWS SDK is told to talk to."""

    endpoint: str

    def faults(self) -> Counter[tuple[str, str]]:
        """How often each (call, what was done to it) was injected so far."""
        found: Counter[tuple[str, str]] = Counter()
        for line in self._get("metrics").splitlines():
            if line.startswith("microburst_faults_total{"):
                labels, _, count = line.rpartition(" ")
                _, _, call = labels.partition('operation="')
                name, _, action = call.partition('",action="')
                found[name, action.removesuffix('"}')] += int(count)
        return found

    def calls(self) -> int:
        """How many calls came through, harmed or not."""
        return int(json.loads(self._get("stats"))["requests"]["total"])

    def _get(self, what: str) -> str:
        with urllib.request.urlopen(f"{self.endpoint}/_microburst/{what}") as answer:  # noqa: S310 -- our own
            text: str = answer.read().decode()
        return text


@contextmanager
def proxy(upstream: str, *, seed: int, probability: float, directory: Path) -> Iterator[Proxy]:
    """Everything that goes through it to ``upstream`` meets ``rules(probability)``."""
    port = start.free_port(0)
    config = directory / "microburst.json"  # JSON is YAML
    config.write_text(json.dumps({"rules": rules(probability)}))
    with (directory / "microburst.log").open("wb") as log:
        child = subprocess.Popen(
            [
                *(sys.executable, "-P", launcher.__file__, str(seed)),
                *("--upstream", upstream, "--port", str(port), "--config", str(config)),
            ],
            stdout=log,
            stderr=log,
        )
    running = Proxy(endpoint=f"http://127.0.0.1:{port}")
    try:
        assert process.wait_until(lambda: _answers(running, child), seconds=30)
        yield running
    finally:
        child.terminate()
        child.wait()


def _answers(running: Proxy, child: subprocess.Popen[bytes]) -> bool:
    assert child.poll() is None, "the proxy ended; see microburst.log"
    try:
        return running.calls() >= 0
    except OSError:
        return False
