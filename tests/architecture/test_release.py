"""``tools/release.py``: what keeps a tag from production, in repositories of their own."""

import importlib.util
import json
import subprocess
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "tools" / "release.py"
PYPROJECT = '[project]\nname = "it"\nversion = "1.2.3"\n'
CHANGELOG = "# Changelog\n\n## Unreleased\n\n## 1.2.3 - 2026-11-22\n\n- All of it.\n"
# Answers as GitHub does, from the files beside it.
GH = """#!/bin/sh
case "$2" in
  *deployments\\?*) cat "$(dirname "$0")/deployments.json" ;;
  *statuses) cat "$(dirname "$0")/statuses.json" ;;
  *) exit 1 ;;
esac
"""


@pytest.fixture(scope="module")
def release() -> ModuleType:
    spec = importlib.util.spec_from_file_location("release_script", SCRIPT)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def git(at: Path, *words: str) -> None:
    who = ("-c", "user.name=A", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *who, *words], cwd=at, check=True, capture_output=True)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Of a tag that is on main."""
    root = tmp_path / "checkout"
    root.mkdir()
    (root / "pyproject.toml").write_text(PYPROJECT)
    (root / "CHANGELOG.md").write_text(CHANGELOG)
    git(root, "init", "-q", "-b", "main")
    git(root, "add", ".")
    git(root, "commit", "-q", "-m", "release")
    git(root, "update-ref", "refs/remotes/origin/main", "HEAD")
    return root


def test_release_that_is_written_down_and_on_main_is_right(
    release: ModuleType, checkout: Path
) -> None:
    assert list(release.wrong("v1.2.3", checkout)) == []


@pytest.mark.parametrize("tag", ["1.2.3", "v1.2", "v01.2.3", "vnext", "v1.2.3 "])
def test_tag_must_be_a_version(release: ModuleType, checkout: Path, tag: str) -> None:
    assert list(release.wrong(tag, checkout)) == [
        f"the tag must be a version like v1.2.3, got {tag}"
    ]


def test_tag_must_be_the_version_that_is_written_down(release: ModuleType, checkout: Path) -> None:
    assert list(release.wrong("v1.2.4", checkout)) == [
        "pyproject.toml says version 1.2.3, the tag 1.2.4",
        "CHANGELOG.md has no section 1.2.4: what is unreleased becomes it",
    ]


def test_commit_must_be_on_main(release: ModuleType, checkout: Path) -> None:
    git(checkout, "commit", "-q", "--allow-empty", "-m", "aside")

    assert list(release.wrong("v1.2.3", checkout)) == ["the tagged commit is not on main"]


@pytest.mark.parametrize(
    ("states", "proven"),
    [
        ([["success", "in_progress"]], True),
        ([["inactive", "success", "in_progress"]], True),
        ([["failure", "in_progress"]], False),
        ([["in_progress"]], False),
        ([], False),
    ],
)
def test_commit_must_have_been_deployed_to_staging_with_success(
    release: ModuleType,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    states: list[list[str]],
    *,
    proven: bool,
) -> None:
    (tmp_path / "gh").write_text(GH)
    (tmp_path / "gh").chmod(0o755)
    deployments = [{"id": number} for number, _ in enumerate(states)]
    (tmp_path / "deployments.json").write_text(json.dumps(deployments))
    told = [{"state": state} for state in (states[0] if states else [])]
    (tmp_path / "statuses.json").write_text(json.dumps(told))
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")

    found = list(release.unproven("octo/shop", "abc"))

    assert found == (
        []
        if proven
        else ["commit abc was never deployed to staging with success: tag one that was"]
    )


def test_silence_of_github_is_no_yes(
    release: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "gh").write_text("#!/bin/sh\necho no token >&2\nexit 4\n")
    (tmp_path / "gh").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")

    with pytest.raises(SystemExit, match="GitHub did not answer: no token"):
        list(release.unproven("octo/shop", "abc"))
