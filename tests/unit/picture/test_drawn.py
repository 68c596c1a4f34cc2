"""SVG and Mermaid: what they say."""

import re
from xml.etree import ElementTree as ET

from tests.unit.picture.trees import a_batch, a_tree, within
from workerless.frozen import replace
from workerless.picture.mermaid import mermaid
from workerless.picture.svg import svg
from workerless.run_tree import Branch, Tree
from workerless.workflow.definition import Kind
from workerless.workflow.standing import Standing

STEPS = {"reserve": [], "charge": ["reserve"], "confirm": ["reserve", "charge"]}


def texts(picture: str) -> list[str]:
    found = ET.fromstring(picture).iter("{http://www.w3.org/2000/svg}text")  # noqa: S314 -- ours
    return ["".join(one.itertext()) for one in found]


def test_each_standing_is_a_word_and_a_colour() -> None:
    after: dict[str, list[str]] = {standing.value: [] for standing in Standing}
    picture = svg(a_tree(after, **{standing.value: standing for standing in Standing}))

    for standing in Standing:
        assert standing.value.replace("_", " ") in texts(picture)
        assert f'<g class="wl-{standing.value}' in picture
        assert picture.count(f".wl-{standing.value}>.wl-box") == 2  # light and dark


def test_picture_tells_the_state_of_the_run_and_its_figures() -> None:
    said = texts(svg(a_tree(STEPS, confirm=Standing.WAITING)))

    assert said[:2] == ["order: running", "2 of 3 completed"]
    assert said[2:4] == ["reserve", "completed"]


def test_picture_draws_no_edge_that_another_implies() -> None:
    assert svg(a_tree(STEPS)).count('class="wl-edge"') == 2


def test_batch_is_told_by_number() -> None:
    said = texts(svg(a_batch(10_000, completed=9_990, failed=3)))

    assert said[1] == "9,990 of 10,000 completed, 3 failed"
    assert said[2:] == ["all", "running", "9,990 of 10,000 completed", "3 failed"]


def test_compensation_is_told() -> None:
    steps = tuple(
        Branch(name=f"s{number}", standing=Standing.COMPLETED, compensation=how)
        for number, how in enumerate(
            [Standing.WAITING, Standing.STARTED, Standing.COMPLETED, Standing.FAILED]
        )
    )
    said = texts(svg(replace(a_tree({}), branches=steps, state="compensating")))

    assert said[0] == "order: compensating"
    assert {"to be compensated", "compensating", "compensated", "compensation failed"} <= {*said}


def test_texts_cannot_leave_their_place() -> None:
    evil = replace(a_tree(STEPS), name='</text><script>x</script>"]\nend')

    assert "<script" not in svg(evil)
    assert ET.fromstring(svg(evil)) is not None  # noqa: S314 -- ours


def test_long_name_is_cut_and_there_in_full_for_a_pointer() -> None:
    name = "a" * 48
    picture = svg(a_tree({name: []}))

    assert name not in texts(picture)
    assert f"<title>{name}; completed; job type job; id run.1:{name}</title>" in picture


def test_part_is_a_frame_with_how_it_goes_on() -> None:
    inner = replace(a_tree(STEPS), state="compensating")
    said = texts(svg(replace(a_tree({}), branches=(within(inner, "pay"),))))

    assert said[2:4] == ["pay: compensating", "reserve"]


def test_mermaid_has_steps_parts_and_edges() -> None:
    inner = a_tree({"a": [], "b": ["a"]})
    last = Branch(name="last", standing=Standing.WAITING, after=("part",))
    told = mermaid(replace(a_tree({}), branches=(within(inner, "part"), last)))

    assert told.splitlines()[:8] == [
        "flowchart LR",
        '  subgraph s1["part: running"]',
        '    s1_1["a<br/>completed"]:::completed',
        '    s1_2["b<br/>completed"]:::completed',
        "    s1_1 --> s1_2",
        "  end",
        '  s2["last<br/>waiting"]',
        "  s1 --> s2",
    ]


def test_mermaid_quotes_what_could_end_a_label() -> None:
    named = Tree(id="b", name='x"] end', kind=Kind.BATCH, state="completed", total=1, completed=1)

    assert re.findall(r'\["(.*)"\]', mermaid(named)) == [
        "x#34;#93; end<br/>completed<br/>1 of 1 completed"
    ]
