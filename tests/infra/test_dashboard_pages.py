"""Every page of a stage can be drawn, with much to show and with nothing, and its picture."""

import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from html import unescape
from pathlib import Path

import pytest

from tests.infra.cloud import Cloud
from tests.infra.dashboard_picture import END, PSEUDO, SPAN, made_up, picture
from workerless import naming
from workerless.alarming.metric import Samples
from workerless.dashboard.page import View, page
from workerless.dashboard.template import read
from workerless.dashboard.widget import Bells, Chart, Dashboard
from workerless.dashboard.words import page_file

SHOWN = Path(__file__).resolve().parents[2] / "docs" / "dashboard.svg"


@pytest.fixture
def dashboards(clouds: Callable[[str], Cloud]) -> list[Dashboard]:
    found = [one for told in clouds("prod").templates for one in read(told.body, pseudo=PSEUDO)]
    assert naming.overview("prod") in {one.name for one in found}
    return found


def drawn(one: Dashboard, samples: Samples) -> str:
    told = page(one, View(samples=samples, end=END, span=SPAN))
    ET.fromstring(re.search(r"<main>.*</main>", told, re.DOTALL)[0])  # type: ignore[index]  # noqa: S314 -- our own
    return told


def test_every_page_is_drawn_with_all_that_it_names(dashboards: list[Dashboard]) -> None:
    for one in dashboards:
        told = unescape(drawn(one, made_up(one)))

        assert "nothing yet" not in told, one.name
        assert "<b>-</b>" not in told, one.name
        for widget in one.widgets:
            match widget:
                case Chart(is_figure=False):
                    labels = [curve.label for curve in widget.curves]
                    labels += [level.label for level in widget.levels]
                    assert all(f"</i>{label}" in told for label in labels), widget.title
                case Bells():
                    assert all(f">{name}<br/>" in told for name in widget.alarms), one.name


def test_every_page_is_drawn_where_nothing_happened_yet(dashboards: list[Dashboard]) -> None:
    there = {page_file(one.name) for one in dashboards}

    for one in dashboards:
        told = drawn(one, {})

        charts = [each for each in one.widgets if isinstance(each, Chart)]
        # A level is there before the first point is.
        empty = [each for each in charts if not each.is_figure and not each.levels]
        assert told.count("nothing yet") == len(empty), one.name
        links = set(re.findall(r'href="([^"]+)"', told))
        beside = {link for link in links if not link.startswith("https://")}
        assert beside, one.name
        assert beside <= there, one.name


def test_picture_in_the_docs_is_what_is_drawn_today(
    dashboards: list[Dashboard], tmp_path: Path
) -> None:
    (shown,) = [one for one in dashboards if one.name == naming.resource("prod", "send_email")]

    today = picture(shown)

    fresh = tmp_path / SHOWN.name
    fresh.write_text(today, encoding="utf-8")
    assert SHOWN.exists(), f"look at {fresh}, and copy it to docs"
    assert SHOWN.read_text(encoding="utf-8") == today, f"look at {fresh}, and copy it to docs"
