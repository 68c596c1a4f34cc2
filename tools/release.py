"""Whether a tag may go to production: ``python3 tools/release.py v1.2.3``, in the tag's checkout.

Needs nothing but the standard library, git, and for the last rule ``gh``, GitHub's command line.
"""

import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BEFORE = "staging"
_SEMVER = re.compile(r"v(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z.-]+)?")


def wrong(tag: str, root: Path = ROOT) -> Iterator[str]:
    """What speaks against the release, from what stands in the checkout."""
    if not _SEMVER.fullmatch(tag):
        yield f"the tag must be a version like v1.2.3, got {tag}"
        return
    version = tag.removeprefix("v")
    stated = tomllib.loads((root / "pyproject.toml").read_text())["project"]["version"]
    if stated != version:
        yield f"pyproject.toml says version {stated}, the tag {version}"
    if not re.search(
        rf"^## {re.escape(version)}( |$)", (root / "CHANGELOG.md").read_text(), re.MULTILINE
    ):
        yield f"CHANGELOG.md has no section {version}: what is unreleased becomes it"
    if _run("git", "merge-base", "--is-ancestor", "HEAD", "origin/main", at=root).returncode:
        yield "the tagged commit is not on main"


def unproven(repository: str, commit: str) -> Iterator[str]:
    """Whether the stage before ran this very commit, which its deployments at GitHub tell."""
    query = f"repos/{repository}/deployments?sha={commit}&environment={BEFORE}&per_page=100"
    for deployment in _asked(query):
        statuses = _asked(f"repos/{repository}/deployments/{deployment['id']}/statuses")
        # A later one makes it inactive; that it was a success stays among its statuses.
        if any(status["state"] == "success" for status in statuses):
            return
    yield f"commit {commit} was never deployed to {BEFORE} with success: tag one that was"


def main(tag: str) -> int:
    """1 when anything speaks against it."""
    found = [*wrong(tag), *unproven(os.environ["GITHUB_REPOSITORY"], os.environ["GITHUB_SHA"])]
    for one in found:
        print(f"release: {one}", file=sys.stderr)
    return 1 if found else 0


def _asked(query: str) -> list[dict[str, str]]:
    done = _run("gh", "api", query, at=ROOT)
    if done.returncode != 0:
        raise SystemExit(f"release: GitHub did not answer: {done.stderr.strip()}")
    answer: list[dict[str, str]] = json.loads(done.stdout)
    return answer


def _run(*words: str, at: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(words, cwd=at, capture_output=True, text=True, check=False)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
