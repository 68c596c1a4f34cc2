"""A run as a picture that stands by itself: no script, no font, nothing to load. Pure.

It is light or dark as its reader's system is, and each colour comes with a word.
"""

from collections.abc import Iterator, Sequence
from html import escape

from workerless.picture.plan import LINE, PADDING, TITLE, Box, Plan, Point, plan_of
from workerless.picture.word import figures, left_out, lines_of
from workerless.run_tree import Branch, Tree
from workerless.workflow.standing import Standing

_MARGIN, _HEAD, _LEAST_WIDTH = 20, 56, 360
_LETTERS = 28  # as fit into a box

# Fill and line, in the light and in the dark; blue against orange is told apart by all eyes.
_COLOURS = {
    Standing.WAITING: ("#f4f5f7", "#6b7280", "#22262d", "#8b94a3"),
    Standing.STARTED: ("#e4f0fd", "#1864ab", "#12304d", "#69b1f5"),
    Standing.COMPLETED: ("#e5f6ea", "#1f7a3d", "#12351f", "#5fc983"),
    Standing.COMPLETED_WITH_ERRORS: ("#fdf3d7", "#8a6100", "#3a2e0c", "#e3b341"),
    Standing.FAILED: ("#fde8e6", "#b3261e", "#451814", "#ff8a80"),
    Standing.CANCELLED: ("#f1e8fb", "#6b3fa0", "#2f2142", "#c4a1f0"),
    Standing.DISCARDED: ("#e8f3f1", "#3f6f66", "#1b302c", "#8fc4b9"),
    Standing.SKIPPED: ("#fafafa", "#8a8f98", "#1b1e23", "#777f8c"),
    Standing.CALLED_OFF: ("#fcefe3", "#99500d", "#3b2410", "#f0a35e"),
}
_TIP = (
    '<defs><marker id="wl-end" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" '
    'markerHeight="7" orient="auto"><path class="wl-tip" d="M0 0 8 4 0 8z"/></marker></defs>'
)
_DASHED = (Standing.WAITING, Standing.SKIPPED)


def svg(tree: Tree) -> str:
    """The whole document."""
    plan = plan_of(tree)
    width = max(plan.width, _LEAST_WIDTH) + 2 * _MARGIN
    height = plan.height + _HEAD + 2 * _MARGIN
    left = left_out(tree)
    counted = ", ".join([*figures(tree), *([left] if left else [])])
    said = f"{tree.name}: {tree.state.replace('_', ' ')}"
    size = f'width="{width:.0f}" height="{height:.0f}" viewBox="0 0 {width:.0f} {height:.0f}"'
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" class="wl" role="img" {size}>',
            f"<title>{escape(said)}</title>",
            f"<desc>{escape(counted)}</desc>",
            f"<style>{_style()}</style>",
            _TIP,
            '<rect class="wl-page" width="100%" height="100%"/>',
            _text(_MARGIN, _MARGIN + 16, said, "wl-head", letters=60),
            _text(_MARGIN, _MARGIN + 37, counted, "wl-word", letters=60),
            *_drawn(plan, _MARGIN, _MARGIN + _HEAD),
            "</svg>\n",
        ]
    )


def _drawn(plan: Plan, x: float, y: float) -> Iterator[str]:
    yield f'<g transform="translate({x:g} {y:g})">'
    for edge in plan.edges:
        yield f'<path class="wl-edge" marker-end="url(#wl-end)" d="{_line(edge, plan)}"/>'
    for box in plan.boxes:
        yield from _boxed(box)
    yield "</g>"


def _boxed(box: Box) -> Iterator[str]:
    branch, lines = box.branch, lines_of(box.branch)
    dashed = " wl-dashed" if branch.standing in _DASHED else ""
    yield f'<g class="wl-{branch.standing.value}{dashed}" transform="translate({_at(box)})">'
    yield f"<title>{escape(_hint(branch))}</title>"
    kind = "wl-part" if box.inner else "wl-box"
    yield f'<rect class="{kind}" rx="7" width="{box.width:.1f}" height="{box.height:.1f}"/>'
    if box.inner is None:
        yield f'<rect class="wl-bar" x="0" y="7" width="4" height="{box.height - 14:.1f}"/>'
        yield from _written(lines, PADDING)
    else:
        title = f"{lines[0]}: {lines[1]}"
        letters = int(box.width / 8)
        yield _text(PADDING, LINE + 1, title, "wl-name", letters=letters)
        for number, line in enumerate(lines[2:], 1):
            yield _text(PADDING, LINE * (number + 1) + 1, line, "wl-word", letters=letters)
        left = (box.width - box.inner.width) / 2
        yield from _drawn(box.inner, left, TITLE + LINE * len(lines[2:]))
    yield "</g>"


def _written(lines: Sequence[str], x: float) -> Iterator[str]:
    for number, line in enumerate(lines):
        yield _text(x, LINE * (number + 1) + 1, line, "wl-word" if number else "wl-name")


def _text(x: float, y: float, text: str, name: str, *, letters: int = _LETTERS) -> str:
    shown = text if len(text) <= letters else f"{text[: letters - 1]}…"
    return f'<text class="{name}" x="{x:g}" y="{y:g}">{escape(shown)}</text>'


def _hint(branch: Branch) -> str:
    """What a pointer over it tells."""
    what = [*lines_of(branch)]
    if branch.job_type:
        what.append(f"job type {branch.job_type}")
    if branch.id:
        what.append(f"id {branch.id}")
    return "; ".join(what)


def _line(edge: Sequence[Point], plan: Plan) -> str:
    """Curved from layer to layer, straight through a layer."""
    (x, y), *others = edge
    said = [f"M{x:.1f} {y:.1f}"]
    for number, (to_x, to_y) in enumerate(others):
        if number % 2 == 0:
            said.append(f"L{to_x:.1f} {to_y:.1f}")
        elif plan.is_down:
            half = (y + to_y) / 2
            said.append(f"C{x:.1f} {half:.1f} {to_x:.1f} {half:.1f} {to_x:.1f} {to_y:.1f}")
        else:
            half = (x + to_x) / 2
            said.append(f"C{half:.1f} {y:.1f} {half:.1f} {to_y:.1f} {to_x:.1f} {to_y:.1f}")
        x, y = to_x, to_y
    return "".join(said)


def _at(box: Box) -> str:
    return f"{box.x:.1f} {box.y:.1f}"


def _style() -> str:
    light = _theme("#ffffff", "#1c2129", "#4b5563", "#8f98a6", which=0)
    dark = _theme("#0f1216", "#e8ebf0", "#b4bcc8", "#6d7684", which=2)
    fonts = "ui-sans-serif,system-ui,sans-serif"
    return (
        f".wl text{{font:13px {fonts}}}.wl .wl-head{{font-size:17px;font-weight:600}}"
        ".wl .wl-name{font-weight:600}.wl .wl-box,.wl .wl-part{stroke-width:1.3}"
        ".wl .wl-part{fill-opacity:.35}"
        ".wl .wl-dashed>.wl-box,.wl .wl-dashed>.wl-part{stroke-dasharray:5 4}"
        ".wl .wl-edge{fill:none;stroke-width:1.4}"
        f"{light}@media (prefers-color-scheme:dark){{{dark}}}"
    )


def _theme(page: str, ink: str, soft: str, edge: str, *, which: int) -> str:
    said = [
        f".wl .wl-page{{fill:{page}}}.wl .wl-head,.wl .wl-name{{fill:{ink}}}",
        f".wl .wl-word{{fill:{soft}}}.wl .wl-edge{{stroke:{edge}}}.wl .wl-tip{{fill:{edge}}}",
    ]
    for standing, colours in _COLOURS.items():
        name, (fill, line) = f".wl-{standing.value}", colours[which : which + 2]
        said.append(f"{name}>.wl-box,{name}>.wl-part{{fill:{fill};stroke:{line}}}")
        said.append(f"{name}>.wl-bar{{fill:{line}}}")
    return "".join(said)
