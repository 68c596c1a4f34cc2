"""What a change does to a stage, without an account: ``make diff BASE=main STAGE=prod``.

Both commits are synthesised as they would be deployed, with the packages of this checkout, and the
CDK compares the templates of each stack. Prints Markdown, for the page of a pull request.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
CDK = ROOT / "node_modules" / ".bin" / "cdk"
# A summary of GitHub's holds 1 MiB in all.
MOST = 20_000
_ASSET = re.compile(r"[0-9a-f]{32,64}")
_FATE = re.compile(r"^\[[-+~]\] (\S+) (.+) (destroy|replace|may be replaced|orphan)$", re.MULTILINE)
# What is made anew with each change of the code, and nobody misses.
_MADE_ANEW = {"AWS::Lambda::LayerVersion", "AWS::Lambda::Version"}
# Queues hide messages for so many timeouts of their function.
_HIDDEN = 6

type Templates = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """Names of stacks. ``recoded`` are those of which only code changes.

    ``jumps`` tells of each timeout that changes by more than messages are hidden for.
    """

    added: Sequence[str]
    gone: Sequence[str]
    changed: Sequence[str]
    recoded: Sequence[str]
    jumps: Sequence[str] = ()


def compare(before: Templates, after: Templates) -> Changes:
    """By what stands in the templates."""
    both = sorted(name for name in before if name in after and before[name] != after[name])
    recoded = [name for name in both if _but_code(before[name]) == _but_code(after[name])]
    return Changes(
        added=sorted(after.keys() - before.keys()),
        gone=sorted(before.keys() - after.keys()),
        changed=[name for name in both if name not in recoded],
        recoded=recoded,
        jumps=list(jumps(before, after)),
    )


def jumps(before: Templates, after: Templates) -> Iterator[str]:
    """Functions of which a version may run longer than the other's queue hides its messages.

    CloudFormation changes the queue first where it is in the stack of its function, and last where
    that is a pool's: there a timeout may not grow so much either.
    """
    old, new = _timeouts(before), _timeouts(after)
    for name in sorted(old.keys() & new.keys()):
        (was, _), (becomes, has_queue) = old[name], new[name]
        if was > becomes * _HIDDEN or (becomes > was * _HIDDEN and not has_queue):
            yield f"{name}: from {was} to {becomes} s"


def _timeouts(templates: Templates) -> dict[str, tuple[int, bool]]:
    """In seconds, by the functions' names, and whether there are queues in the same stack."""
    found: dict[str, tuple[int, bool]] = {}
    for template in templates.values():
        resources = template.get("Resources", {}).values()
        has_queue = any(one["Type"] == "AWS::SQS::Queue" for one in resources)
        for one in resources:
            told = one.get("Properties", {})
            if one["Type"] == "AWS::Lambda::Function" and "FunctionName" in told:
                found[str(told["FunctionName"])] = (int(told.get("Timeout", 3)), has_queue)
    return found


def fates(said: str) -> list[str]:
    """Of what the CDK said: each resource that is lost, replaced, or left without a stack."""
    return [
        f"{kind} {name.split()[0]}: {fate}"
        for kind, name, fate in _FATE.findall(said)
        if kind not in _MADE_ANEW
    ]


def report(changes: Changes, said: Mapping[str, str], *, stage: str, base: str) -> str:
    """Markdown; ``said`` is what the CDK said of each stack that changes."""
    twice = [f"{name}: {fate}" for name, text in said.items() for fate in fates(text)]
    lines = [f"## What changes in stage {stage}", "", f"Compared with `{base}`.", ""]
    lines += [f"**Look twice:** {len(twice)} resources are lost or replaced.", ""] if twice else []
    lines += [*(f"- {one}" for one in twice), ""] if twice else []
    if changes.jumps:
        lines += ["**In two releases:** timeouts change more than sixfold (docs/deploying.md).", ""]
        lines += [*(f"- {one}" for one in changes.jumps), ""]
    for word, names in (
        ("New stacks", changes.added),
        ("Stacks that are no longer made, and stay until somebody destroys them", changes.gone),
        ("Only their code changes", changes.recoded),
    ):
        lines += [f"{word}: {', '.join(names)}.", ""] if names else []
    for name in changes.changed:
        text = said[name] if len(said[name]) <= MOST else f"{said[name][:MOST]}\n... (cut here)"
        lines += [f"<details><summary>{name}</summary>", "", "```text", text, "```", "</details>"]
        lines.append("")
    if not any((changes.added, changes.gone, changes.changed, changes.recoded)):
        lines.append("Nothing.")
    return "\n".join(lines)


def main(base: str, stage: str) -> None:
    """Raises ``SystemExit`` where one of both cannot be synthesised."""
    with tempfile.TemporaryDirectory() as folder:
        old, before, after = (Path(folder) / name for name in ("old", "before", "after"))
        commit = _output("git", "rev-parse", "--verify", f"{base}^{{commit}}", cwd=ROOT).strip()
        _check_out(commit, old)
        _synthesise(old, stage, into=before, what=base)
        _synthesise(ROOT, stage, into=after, what="this checkout")
        changes = compare(read(before), read(after))
        said = {name: difference(name, before, after) for name in changes.changed}
    print(report(changes, said, stage=stage, base=commit[:12]))


def read(directory: Path) -> dict[str, dict[str, Any]]:
    """The templates of an assembly, by stack."""
    paths = sorted(directory.glob("*.template.json"))
    return {path.name.partition(".")[0]: json.loads(path.read_text()) for path in paths}


def difference(name: str, before: Path, after: Path) -> str:
    """What the CDK says of one stack, two assemblies given."""
    template = before / f"{name}.template.json"
    command = (CDK, "diff", name, "--exclusively", "--app", after, "--template", template)
    return _output(*command, "--no-color", "--ci", cwd=after).strip()


def _but_code(template: Mapping[str, Any]) -> str:
    return _ASSET.sub("*", json.dumps(template, sort_keys=True))


def _check_out(commit: str, into: Path) -> None:
    into.mkdir()
    archive = into.with_suffix(".tar")
    _output("git", "archive", "--output", archive, commit, cwd=ROOT)
    _output("tar", "-xf", archive, "-C", into, cwd=ROOT)


def _synthesise(root: Path, stage: str, *, into: Path, what: str) -> None:
    print(f"diff: synthesising {what} ...", file=sys.stderr, flush=True)
    variables = {"WORKERLESS_STAGE": stage, "CDK_OUTDIR": str(into)}
    _output(sys.executable, "-m", "infra.app", cwd=root, **variables)


def _output(*command: object, cwd: Path, **variables: str) -> str:
    words = [str(word) for word in command]
    bare = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        words, cwd=cwd, env=bare | variables, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise SystemExit(f"diff: this failed: {' '.join(words)}\n{done.stderr}")
    return done.stdout


if __name__ == "__main__":
    main(*sys.argv[1:])
