"""The steps of the Dockerfile, taken in a folder: there is no Docker daemon where tests run.

Both stages share the folder, so what one copies from the other is there already. Who may do what is
not played: that the image's user can read and run all of it needs a daemon to be seen.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

_CONTINUED = re.compile(r"\\\n")
_COMMENT = re.compile(r"^#.*\n", re.MULTILINE)
# Folders of the image, as they begin a path.
_ABSOLUTE = re.compile(r"(?<![\w./])/(?=app\b|venv\b)")


def steps(dockerfile: str) -> list[tuple[str, str]]:
    """Each instruction and the rest of its line."""
    lines = _CONTINUED.sub(" ", _COMMENT.sub("", dockerfile)).splitlines()
    split = (line.partition(" ") for line in lines if line.strip())
    return [(word, rest.strip()) for word, _, rest in split]


@dataclass(kw_only=True)
class Image:
    """What the steps of ``dockerfile`` made of ``context`` below ``root``."""

    dockerfile: Path
    context: Path
    root: Path
    folder: Path = field(init=False)
    variables: dict[str, str] = field(default_factory=dict)
    entrypoint: list[str] = field(default_factory=list)
    health: list[str] = field(default_factory=list)

    def build(self, environ: Mapping[str, str]) -> None:
        """Take every step, with ``environ`` as the daemon's. Raises as its commands fail."""
        for word, rest in steps(self.dockerfile.read_text()):
            match word:
                case "WORKDIR":
                    self.folder = Path(self._here(rest))
                    self.folder.mkdir(parents=True, exist_ok=True)
                case "COPY" if not rest.startswith("--from"):
                    *sources, target = shlex.split(rest)
                    self._copy(sources, target)
                case "RUN" if not rest.startswith("useradd"):
                    command = ["/bin/sh", "-c", self._here(rest)]
                    subprocess.run(command, check=True, cwd=self.folder, env=environ)
                case "ENV":
                    self._set(rest, environ)
                case "ENTRYPOINT":
                    self.entrypoint = self._command(rest)
                case "HEALTHCHECK":
                    self.health = self._command(rest.partition("CMD ")[2])

    def environ(self, own: Mapping[str, str]) -> dict[str, str]:
        """That of a container which was given ``own``."""
        return {**own, **self.variables}

    def _command(self, text: str) -> list[str]:
        """With the program that ``PATH`` of the image leads to."""
        program, *arguments = json.loads(text)
        found = shutil.which(program, path=self.variables["PATH"])
        assert found is not None
        assert found.startswith(str(self.root))
        return [found, *arguments]

    def _here(self, text: str) -> str:
        return _ABSOLUTE.sub(f"{self.root}/", text)

    def _copy(self, sources: list[str], target: str) -> None:
        for source in (self.context / one for one in sources):
            if source.is_dir():
                ignore = shutil.ignore_patterns("__pycache__")
                shutil.copytree(source, self.folder / target, ignore=ignore)
            else:
                (self.folder / target).mkdir(parents=True, exist_ok=True)
                shutil.copy(source, self.folder / target)

    def _set(self, text: str, environ: Mapping[str, str]) -> None:
        for pair in shlex.split(self._here(text)):
            name, _, value = pair.partition("=")
            self.variables[name] = value.replace("$PATH", environ.get("PATH", os.defpath))
