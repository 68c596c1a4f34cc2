"""Dashboards of a synthesised stage, as CloudWatch reads them."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.infra.cloud import Cloud, text

DASHBOARD = "AWS::CloudWatch::Dashboard"


@dataclass(frozen=True, kw_only=True)
class Widget:
    """One of a page: ``body`` as it stands there."""

    body: Mapping[str, Any]

    @property
    def properties(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.body["properties"]
        return found

    @property
    def title(self) -> str:
        return str(self.properties.get("title", ""))

    @property
    def cells(self) -> set[tuple[int, int]]:
        """Where it is in the grid."""
        left, top = self.body["x"], self.body["y"]
        return {
            (x, y)
            for x in range(left, left + self.body["width"])
            for y in range(top, top + self.body["height"])
        }

    @property
    def lines(self) -> Sequence[Sequence[Any]]:
        """Its metrics and expressions."""
        found: Sequence[Sequence[Any]] = self.properties.get("metrics", [])
        return found

    @property
    def metrics(self) -> Iterator[tuple[str, str, str]]:
        """Namespace, name and id (empty where it has none)."""
        for line in self.lines:
            if isinstance(line[0], str):
                told = line[-1] if isinstance(line[-1], Mapping) else {}
                yield line[0], line[1], told.get("id", "")

    @property
    def expressions(self) -> list[str]:
        return [line[0]["expression"] for line in self.lines if not isinstance(line[0], str)]


def pages(cloud: Cloud) -> dict[str, list[Widget]]:
    """The widgets of each dashboard by its name."""
    return {
        one["DashboardName"]: [
            Widget(body=body) for body in json.loads(text(one["DashboardBody"]))["widgets"]
        ]
        for _, _, one in cloud.each(DASHBOARD)
    }


def headings(widgets: Sequence[Widget]) -> list[str]:
    """The first word of each, from the top."""
    return [
        one.properties["markdown"].removeprefix("## ").split()[0].rstrip(":,")
        for one in widgets
        if one.properties.get("markdown", "").startswith("## ")
    ]
