"""A dashboard made of shelves of panels."""

from collections.abc import Iterable, Sequence
from itertools import batched

from aws_cdk import Duration
from aws_cdk.aws_cloudwatch import AlarmStatusWidget, Dashboard, IAlarm
from constructs import Construct

from infra.dashboards.panel import WHOLE, Shelf, is_shown
from infra.dashboards.widget import Places, widget

# https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
_MOST_ALARMS = 100
# Names of alarms are long: so many beside each other can be read.
_ALARMS_BESIDE = 4


def add_page(
    scope: Construct,
    *,
    name: str,
    shelves: Iterable[Shelf],
    places: Places,
    alarms: Sequence[IAlarm],
) -> Dashboard:
    """What it is and whose comes first, then the alarms, then one shelf after the other."""
    page = Dashboard(scope, "Dashboard", dashboard_name=name, default_interval=Duration.hours(3))
    first, *others = shelves
    page.add_widgets(*(widget(one, places) for one in first))
    for some in batched(alarms, _MOST_ALARMS, strict=False):
        page.add_widgets(
            AlarmStatusWidget(
                title="Alarms",
                alarms=list(some),
                width=WHOLE,
                height=2 + -(-len(some) // _ALARMS_BESIDE),
            )
        )
    for shelf in others:
        page.add_widgets(*(widget(one, places) for one in shelf if is_shown(one)))
    return page
