"""Deploys the checkout's real stacks with the real CDK: synthesis, bootstrap, deploy."""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from workerless import environment
from workerless.local import credentials, process, wire
from workerless.local.errors import LocalCloudError
from workerless.local.node import find_node, major_version
from workerless.local.start import tail
from workerless.local.state import Running

STAGE = "local"
_BOOTSTRAP_VERSION = "/cdk-bootstrap/hnb659fds/version"
_DEPLOYED = re.compile(r"\s*✅\s+(\S+)")

type Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """Deploys the checkout ``root`` to ``running``; logs and outputs go to ``directory``."""

    root: Path
    directory: Path
    running: Running
    environ: Mapping[str, str]
    tell: Tell

    def run(self) -> None:
        """Raises ``LocalCloudError`` with the end of the log of the step that failed."""
        node = find_node(self.environ.get("PATH", os.defpath), major_version)
        variables = self._variables(node)
        with ThreadPoolExecutor(1) as pool:
            # Synthesis is most of the time and needs no cloud: meanwhile the cloud is made ready.
            bootstrap = pool.submit(self._bootstrap, variables)
            self._synthesize(variables)
            bootstrap.result()
        self._deploy(variables)

    def _synthesize(self, variables: Mapping[str, str]) -> None:
        self.tell("reading the job types and building their assets")
        self._run("synth", [sys.executable, "-m", "infra.app"], variables, cwd=self.root)

    def _bootstrap(self, variables: Mapping[str, str]) -> None:
        if self._is_bootstrapped():
            return
        target = f"aws://{credentials.ACCOUNT}/{credentials.REGION}"
        # Anywhere but in the checkout: beside a cdk.json the CDK would synthesize first.
        self._run("bootstrap", [self._cdk, "bootstrap", target], variables, cwd=self.directory)

    def _is_bootstrapped(self) -> bool:
        try:
            wire.call(self.running.port, "ssm", "GetParameter", {"Name": _BOOTSTRAP_VERSION})
        except wire.CallRefusedError:
            return False
        return True

    def _deploy(self, variables: Mapping[str, str]) -> None:
        command = [
            *(self._cdk, "deploy", "--all", "--app", str(self._assembly)),
            *("--require-approval", "never", "--method", "direct", "--concurrency", "4"),
            *("--outputs-file", str(self.directory / "outputs.json")),
        ]
        self._run("deploy", command, variables, cwd=self.directory)

    def _run(
        self, step: str, command: list[str], variables: Mapping[str, str], *, cwd: Path
    ) -> None:
        log = self.directory / f"{step}.log"
        with log.open("w", encoding="utf-8") as output:
            child = subprocess.Popen(  # noqa: S603 -- our own command
                command,
                cwd=cwd,
                env=dict(variables),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                encoding="utf-8",
                errors="replace",
                start_new_session=True,
            )
            try:
                for line in child.stdout or ():
                    output.write(line)
                    if deployed := _DEPLOYED.match(line):
                        self.tell(f"deployed {deployed[1]}")
                code = child.wait()
            except BaseException:
                process.end_group(child.pid, grace_seconds=1)
                child.wait()
                raise
        if code:
            raise LocalCloudError(
                f"{step} failed with exit code {code}; the end of {log}:\n{tail(log)}"
            )

    @property
    def _assembly(self) -> Path:
        return self.directory / "cdk.out"

    @property
    def _cdk(self) -> str:
        cdk = self.root / "node_modules" / ".bin" / "cdk"
        if not cdk.exists():
            raise LocalCloudError(f"{cdk} must be there; run `make` in the checkout, it brings it")
        return str(cdk)

    def _variables(self, node: Path) -> dict[str, str]:
        """The user's environment, without its AWS settings and with ours."""
        path = (str(node.parent), str(Path(sys.executable).parent), self.environ.get("PATH", ""))
        tools = self.root / ".tools"
        return {
            "JSII_RUNTIME_PACKAGE_CACHE_ROOT": str(tools / "jsii"),
            "UV_CACHE_DIR": str(tools / "uv-cache"),
            "NO_PROXY": "127.0.0.1,localhost",
            **credentials.without_aws(self.environ),
            **credentials.dummy(self.running.endpoint),
            environment.STAGE: STAGE,
            "PATH": os.pathsep.join(part for part in path if part),
            "CDK_OUTDIR": str(self._assembly),
            "CDK_HOME": str(self.directory / "cdk"),
            "CDK_DISABLE_CLI_TELEMETRY": "true",
            "CI": "true",
            "JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION": "1",
        }
