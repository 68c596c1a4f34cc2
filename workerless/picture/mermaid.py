"""A run as text for Mermaid, which many wikis and issue trackers draw. Pure."""

from collections.abc import Iterator

from workerless.picture.layer import shortest
from workerless.picture.word import as_branch, left_out, lines_of, opens
from workerless.run_tree import Branch, Tree
from workerless.workflow.standing import Standing

_COLOURS = {
    Standing.STARTED: "fill:#1864ab,color:#fff",
    Standing.COMPLETED: "fill:#1f7a3d,color:#fff",
    Standing.COMPLETED_WITH_ERRORS: "fill:#8a6100,color:#fff",
    Standing.FAILED: "fill:#b3261e,color:#fff",
    Standing.CANCELLED: "fill:#6b3fa0,color:#fff",
    Standing.CALLED_OFF: "fill:#99500d,color:#fff",
}


def mermaid(tree: Tree) -> str:
    """A flowchart; a part is a frame around its steps."""
    said = ["flowchart LR", *_told(tree, "s", "  ")]
    if left := left_out(tree):
        said.append(f'  left_out["{left}"]')
    said += [f"  classDef {standing.value} {style}" for standing, style in _COLOURS.items()]
    return "\n".join(said) + "\n"


def _told(tree: Tree, prefix: str, indent: str) -> Iterator[str]:
    branches = tree.branches if opens(tree) else (as_branch(tree),)
    ids = {branch.name: f"{prefix}{number}" for number, branch in enumerate(branches, 1)}
    after = {branch.name: branch.after for branch in branches}
    for branch in branches:
        yield from _step(branch, ids[branch.name], indent)
    for name, waits in after.items():
        for one in shortest(waits, after):
            yield f"{indent}{ids[one]} --> {ids[name]}"


def _step(branch: Branch, name: str, indent: str) -> Iterator[str]:
    lines = [_quoted(line) for line in lines_of(branch)]
    if branch.part and opens(branch.part):
        yield f'{indent}subgraph {name}["{": ".join(lines[:2])}"]'
        yield from _told(branch.part, f"{name}_", f"{indent}  ")
        yield f"{indent}end"
        return
    colour = f":::{branch.standing.value}" if branch.standing in _COLOURS else ""
    yield f'{indent}{name}["{"<br/>".join(lines)}"]{colour}'


def _quoted(text: str) -> str:
    """Only what cannot end a label, or begin markup."""
    return "".join(one if one.isalnum() or one in " _.,:;-/" else f"#{ord(one)};" for one in text)
