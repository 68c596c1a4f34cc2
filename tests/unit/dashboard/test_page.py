"""Pages that people look at: nothing is loaded, nothing of the data becomes markup."""

import xml.etree.ElementTree as ET
from dataclasses import replace
from datetime import timedelta
from itertools import product

import pytest

from workerless.alarming.alarm import Measure
from workerless.alarming.metric import Metric, Sample, Samples
from workerless.dashboard.chart import Drawing, Entry, draw, is_lonely
from workerless.dashboard.compute import series_of, window_of
from workerless.dashboard.figure import figure
from workerless.dashboard.page import View, page
from workerless.dashboard.widget import Bells, Chart, Curve, Dashboard, Level, Place, Words
from workerless.dashboard.words import html, linked

SOLD = Metric.of("Shop", "Sold")
PLACE = Place(left=6, top=4, width=12, height=6)
CHART = Chart(
    place=PLACE,
    title="Sold <here>",
    measures={"m": Measure(metric=SOLD, statistic="Sum")},
    expressions={},
    curves=(
        Curve(label="sold", shown="m", color="#123456", is_right=False),
        Curve(label="again", shown="m", color="#654321", is_right=True),
    ),
    period=60,
    levels=(Level(label="too many", value=9),),
    right_unit="pieces",
)
SAMPLES = {SOLD: [Sample(at=60 * minute, value=minute % 7) for minute in range(60)]}


def shown(*widgets: Words | Bells | Chart) -> str:
    view = View(samples=SAMPLES, end=3_600, span=timedelta(hours=1), states={"old": "ALARM"})
    return page(Dashboard(name="page <1>", widgets=widgets), view)


def drawn(chart: Chart, samples: Samples = SAMPLES) -> Drawing:
    window = window_of(chart, start=0, end=3_600)
    return draw(chart, series_of(chart, samples, window), window)


def words(drawing: Drawing) -> str:
    return " ".join(ET.fromstring(drawing.svg).itertext())  # noqa: S314 -- our own


def test_widgets_stand_where_the_dashboard_has_them() -> None:
    assert "grid-area: 5 / 7 / span 6 / span 12" in shown(CHART)


def test_a_page_loads_nothing_and_runs_nothing() -> None:
    told = shown(CHART)

    for word in ("<script", "<link", "<img", "@import", "url("):
        assert word not in told


def test_names_and_titles_are_text_whatever_they_hold() -> None:
    told = shown(CHART, Bells(place=PLACE, title="<b>", alarms=("<i>",)))

    assert "page &lt;1&gt;" in told
    assert "Sold &lt;here&gt;" in told
    assert "<i>" not in told


def test_alarms_show_their_state_and_what_nobody_judged_is_unknown() -> None:
    told = shown(Bells(place=PLACE, title="Alarms", alarms=("old", "new")))

    assert '<span class="ALARM">old<br/>ALARM</span>' in told
    assert '<span class="unknown">new<br/>unknown</span>' in told


def test_a_legend_names_curves_levels_and_the_unit_on_the_right() -> None:
    assert drawn(CHART).legend == (
        Entry(label="sold", color="#123456"),
        Entry(label="too many", color="#d62728", dashed=True),
        Entry(label="again (pieces)", color="#654321"),
    )
    for told in ("sold", "too many", "again (pieces)"):
        assert f"</i>{told}</span>" in shown(CHART)


def test_each_drawing_of_a_page_keeps_its_colours_to_itself() -> None:
    beside = replace(CHART, place=replace(PLACE, left=0))

    assert "#chart-4-6 .color-0" in drawn(CHART).svg
    assert "#chart-4-0 .color-0" in drawn(beside).svg
    assert "#chart-4-0" not in drawn(CHART).svg


@pytest.mark.parametrize("is_stacked", [False, True])
@pytest.mark.parametrize("levels", [(), (Level(label="none", value=0),), CHART.levels])
@pytest.mark.parametrize(("left", "right"), list(product((None, 0.0, 5.0), repeat=2)))
def test_a_chart_is_drawn_whichever_of_its_axes_has_points(
    left: float | None, right: float | None, levels: tuple[Level, ...], *, is_stacked: bool
) -> None:
    measures = {
        id_: Measure(metric=Metric.of("Shop", id_), statistic="Sum") for id_ in ("left", "right")
    }
    curves = tuple(
        Curve(label=id_, shown=id_, color="", is_right=id_ == "right") for id_ in measures
    )
    chart = replace(CHART, measures=measures, curves=curves, levels=levels, is_stacked=is_stacked)
    samples = {
        measures[id_].metric: [Sample(at=600, value=value)]
        for id_, value in (("left", left), ("right", right))
        if value is not None
    }

    told = drawn(chart, samples)

    assert words(told)
    assert {one.label for one in told.legend} >= {"left", "right (pieces)"}


@pytest.mark.parametrize("is_stacked", [False, True])
def test_a_chart_without_a_single_point_says_so(*, is_stacked: bool) -> None:
    chart = Chart(
        place=PLACE,
        title="",
        measures={"m": Measure(metric=Metric.of("Shop", "Never"), statistic="Sum")},
        expressions={},
        curves=(Curve(label="never", shown="m", color="", is_right=False),),
        period=60,
        is_stacked=is_stacked,
    )

    assert "nothing yet" in words(drawn(chart))


@pytest.mark.parametrize(
    ("points", "lonely"),
    [
        ((), False),
        ((None, None), False),
        ((1.0,), True),
        ((1.0, 2.0), False),
        ((1.0, None, 2.0, 3.0), True),
        ((1.0, 2.0, None, 3.0, 4.0), False),
    ],
)
def test_dots_are_drawn_where_a_line_would_show_nothing(
    points: tuple[float | None, ...], *, lonely: bool
) -> None:
    assert is_lonely(points) is lonely


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (None, "-"),
        (0, "0"),
        (12_345, "12,345"),
        (6_060.5, "6,060"),
        (0.12345, "0.123"),
        (-250.4, "-250"),
    ],
)
def test_figures_are_as_people_read_them(value: float | None, told: str) -> None:
    assert figure(value) == told


def test_markdown_becomes_headings_paragraphs_bold_code_and_links() -> None:
    told = html("# One\n\nsee **this** `code` [page](#dashboards:name=p) & <that>", linked)

    assert told == (
        "<h1>One</h1>\n<p>see <b>this</b> <code>code</code> "
        '<a href="p.html">page</a> &amp; &lt;that&gt;</p>'
    )


def test_links_lead_to_the_web_or_to_other_pages_and_nowhere_else() -> None:
    assert linked("https://example.com/a") == "https://example.com/a"
    assert linked("javascript:alert(1)") == "#"
