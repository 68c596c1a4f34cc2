"""The image of container workers, as far as it can be judged without a Docker daemon."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

from tests.e2e.image import steps

ROOT = Path(__file__).resolve().parents[2]


def instructions() -> list[tuple[str, str]]:
    return steps((ROOT / "Dockerfile").read_text())


def last_stage() -> list[tuple[str, str]]:
    all_steps = instructions()
    last = max(number for number, (word, _) in enumerate(all_steps) if word == "FROM")
    return all_steps[last:]


def value(word: str) -> str:
    (found,) = [rest for name, rest in last_stage() if name == word]
    return found


def test_both_stages_are_of_one_image_with_its_version() -> None:
    images = [rest.split()[0] for word, rest in instructions() if word == "FROM"]

    assert len(images) == 2
    assert set(images) == {"python:3.13-slim-bookworm"}


def test_it_runs_as_nobody_in_particular() -> None:
    words = [word for word, _ in last_stage()]

    assert value("USER").isdecimal()
    assert int(value("USER")) > 0
    assert words.index("USER") < words.index("ENTRYPOINT")
    assert "RUN" not in words[words.index("USER") :]


def test_everything_that_is_installed_has_its_hash() -> None:
    installs = [rest for word, rest in instructions() if word == "RUN" and "install" in rest]

    assert installs
    assert all("--require-hashes" in one for one in installs)


def test_all_that_is_copied_is_there_and_sent_to_the_daemon() -> None:
    sent = (ROOT / ".dockerignore").read_text().splitlines()
    copied = [shlex.split(rest)[:-1] for word, rest in instructions() if word == "COPY"]

    for sources in copied:
        if not sources[0].startswith("--from"):
            assert all((ROOT / one).exists() for one in sources)
            assert {f"!{one}" for one in sources} <= set(sent)


def test_health_is_asked_for_and_the_commands_exist() -> None:
    assert value("HEALTHCHECK").startswith("--interval=30s --timeout=3s --start-period=5s")
    assert value("STOPSIGNAL") == "SIGTERM"
    for module in re.findall(r'"-m", "([\w.]+)"', value("HEALTHCHECK") + value("ENTRYPOINT")):
        path = ROOT / Path(*module.split("."))
        assert path.with_suffix(".py").exists() or (path / "__main__.py").exists()


def test_the_image_has_all_that_the_command_and_its_processes_import() -> None:
    pinned = re.findall(
        r"^([\w.-]+)==", (ROOT / "requirements/container.txt").read_text(), re.MULTILINE
    )
    absent = ["aws_cdk", "cdk_nag", "ministack", "moto", "pygal", "pytest", "uvicorn"]
    assert not {one.lower() for one in pinned} & {one.replace("_", "-") for one in absent}
    code = (
        f"import sys; sys.modules.update(dict.fromkeys({absent}))\n"
        "import workerless.cli.app, workerless.container.post\n"
        "from workerless.worker import ports_from_environment\n"
        "import functions.process_image.handler, functions.deliver_webhook.handler\n"
    )

    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
