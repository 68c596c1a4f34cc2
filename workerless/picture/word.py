"""What a picture says of steps and parts, in words; colour alone tells nothing. Pure."""

from workerless.run_tree import Branch, Tree
from workerless.workflow.definition import Kind
from workerless.workflow.standing import Standing

# A group with more members is one box with figures.
_MOST_SHOWN = 12

_MADE_GOOD = {
    Standing.WAITING: "to be compensated",
    Standing.STARTED: "compensating",
    Standing.FAILED: "compensation failed",
}
_OF_STATE = {"running": Standing.STARTED, "compensating": Standing.FAILED}


def opens(part: Tree | None) -> bool:
    """Whether the steps of a part are shown, each by itself."""
    if part is None or not part.branches:
        return False
    return len(part.branches) <= _MOST_SHOWN or any(one.after for one in part.branches)


def lines_of(branch: Branch) -> tuple[str, ...]:
    """Its name, how it stands, and what else there is to say."""
    said = [branch.name, word_of(branch)]
    if branch.part and not opens(branch.part):
        said += figures(branch.part)
    said += course_words(branch)
    if branch.compensation:
        said.append(_MADE_GOOD.get(branch.compensation, "compensated"))
    return tuple(said)


def word_of(branch: Branch) -> str:
    """As people say it; of a part that goes on, how."""
    goes_on = branch.part is not None and branch.part.state in _OF_STATE
    said = branch.part.state if branch.part and goes_on else branch.standing.value
    return said.replace("_", " ")


def course_words(branch: Branch) -> list[str]:
    """``62 %``, ``continued 3 times``: how far a job that runs says it is, if it says anything."""
    if branch.course is None:
        return []
    percent, times = branch.course.percent, branch.course.continuations
    said = [f"{percent:g} %"] if percent is not None else []
    often = "once" if times == 1 else f"{times:,} times"
    return [*said, f"continued {often}"] if times else said


def figures(tree: Tree) -> list[str]:
    """``9,990 of 10,000 completed``, ``3 failed``; how many, of what was not looked into."""
    if not tree.is_whole:
        return [f"{tree.total:,} {_members(tree)}, not counted"]
    if tree.id is None:
        return [f"{tree.total:,} {_members(tree)}"]
    bad = [
        f"{number:,} {word}"
        for number, word in ((tree.failed, "failed"), (tree.cancelled, "cancelled"))
        if number
    ]
    done = f"{tree.completed:,} of {tree.total:,} completed"
    return [done, ", ".join(bad)] if bad else [done]


def left_out(tree: Tree) -> str | None:
    """``12 parts not looked into``; None where all were."""
    if not tree.left_out:
        return None
    return f"{tree.left_out:,} {'part' if tree.left_out == 1 else 'parts'} not looked into"


def as_branch(tree: Tree) -> Branch:
    """All of a run as if it were one step."""
    standing = _OF_STATE.get(tree.state) or Standing(tree.state)
    return Branch(name=tree.name, standing=standing, id=tree.id, part=tree)


def _members(tree: Tree) -> str:
    noun = "member" if tree.kind is Kind.BATCH else "step"
    return noun if tree.total == 1 else f"{noun}s"
