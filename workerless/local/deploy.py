"""Deploys the checkout's real stacks with the real CDK: synthesis, bootstrap, deploy."""

import os
import re
import sys
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from workerless import environment
from workerless.local import credentials, wire
from workerless.local.command import Command
from workerless.local.errors import LocalCloudError
from workerless.local.node import find_node, major_version
from workerless.local.state import Running

STAGE = "local"
# Where below its directory a cloud keeps what it deployed.
ASSEMBLY = "cdk.out"
_BOOTSTRAP_VERSION = "/cdk-bootstrap/hnb659fds/version"
_DEPLOYED = re.compile(r"\s*✅\s+(\S+)")

type Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """Deploys the checkout ``root`` to ``running``; logs go to ``directory``."""

    root: Path
    directory: Path
    running: Running
    environ: Mapping[str, str]
    tell: Tell

    def run(self) -> None:
        """Raises ``LocalCloudError`` with the end of the log of the step that failed."""
        variables = self._variables()
        with ThreadPoolExecutor(1) as pool:
            # Synthesis is most of the time and needs no cloud: meanwhile the cloud is made ready.
            bootstrap = pool.submit(self._bootstrap, variables)
            self._synthesize(variables)
            bootstrap.result()
        self._deploy(variables)

    def _synthesize(self, variables: Mapping[str, str]) -> None:
        self.tell("reading the job types and building their assets")
        self._command("synth", [sys.executable, "-m", "infra.app"], variables, self.root).run()

    def _bootstrap(self, variables: Mapping[str, str]) -> None:
        if self._is_bootstrapped():
            return
        words = [self._cdk, "bootstrap", f"aws://{credentials.ACCOUNT}/{credentials.REGION}"]
        self._command("bootstrap", words, variables, self.directory).run()

    def _is_bootstrapped(self) -> bool:
        try:
            wire.call(self.running.port, "ssm", "GetParameter", {"Name": _BOOTSTRAP_VERSION})
        except wire.CallRefusedError:
            return False
        return True

    def _deploy(self, variables: Mapping[str, str]) -> None:
        words = [
            *(self._cdk, "deploy", "--all", "--app", str(self._assembly)),
            *("--require-approval", "never", "--method", "direct", "--concurrency", "4"),
        ]
        command = self._command("deploy", words, variables, self.directory)
        replace(command, on_line=self._tell_stack).run()

    def _tell_stack(self, line: str) -> None:
        if deployed := _DEPLOYED.match(line):
            self.tell(f"deployed {deployed[1]}")

    def _command(
        self, step: str, words: list[str], variables: Mapping[str, str], folder: Path
    ) -> Command:
        """The CDK itself never runs in the checkout: beside a cdk.json it would synthesize."""
        log = self.directory / f"{step}.log"
        return Command(words=words, folder=folder, environ=variables, log=log)

    @property
    def _assembly(self) -> Path:
        return self.directory / ASSEMBLY

    @property
    def _cdk(self) -> str:
        cdk = self.root / "node_modules" / ".bin" / "cdk"
        if not cdk.exists():
            raise LocalCloudError(
                f"{cdk} must be there; run `make setup` in the checkout, which brings it"
            )
        return str(cdk)

    def _variables(self) -> dict[str, str]:
        """The user's environment, without its AWS settings and with ours."""
        tools = self.root / ".tools"
        path = os.pathsep.join([str(tools / "bin"), self.environ.get("PATH", os.defpath)])
        node = find_node(path, major_version)
        return {
            "JSII_RUNTIME_PACKAGE_CACHE_ROOT": str(tools / "jsii"),
            "UV_CACHE_DIR": str(tools / "uv-cache"),
            **credentials.without_aws(self.environ),
            **credentials.dummy(self.running.endpoint),
            environment.STAGE: STAGE,
            "PATH": os.pathsep.join([str(node.parent), str(Path(sys.executable).parent), path]),
            "CDK_OUTDIR": str(self._assembly),
            "CDK_HOME": str(self.directory / "cdk"),
            "CDK_DISABLE_CLI_TELEMETRY": "true",
            "CI": "true",
            "JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION": "1",
        }
