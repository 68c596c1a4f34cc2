"""Addresses of AWS' console, for people who want to see more than a page shows."""

from dataclasses import dataclass
from urllib.parse import quote

from aws_cdk import Stack

_HOME = "https://console.aws.amazon.com"


@dataclass(frozen=True, slots=True, kw_only=True)
class Console:
    """Where a stack's resources are looked at; account and region may be known later."""

    region: str
    account: str

    @classmethod
    def of(cls, stack: Stack) -> "Console":
        return cls(region=stack.region, account=stack.account)

    def queue(self, name: str) -> str:
        """Its address stands in the console's, slashes written otherwise."""
        url = f"https%3A%2F%2Fsqs.{self.region}.amazonaws.com%2F{self.account}%2F{name}"
        return f"{_HOME}/sqs/v3/home?region={self.region}#/queues/{url}"

    def function(self, name: str) -> str:
        return f"{_HOME}/lambda/home?region={self.region}#/functions/{name}"

    def log(self, function: str) -> str:
        """What the console has in its fragment is quoted twice, ``%`` as ``$``."""
        group = quote(quote(f"/aws/lambda/{function}", safe=""), safe="").replace("%", "$")
        return f"{self._cloudwatch}#logsV2:log-groups/log-group/{group}"

    def alarms(self, prefix: str) -> str:
        return f"{self._cloudwatch}#alarmsV2:?search={prefix}"

    @property
    def insights(self) -> str:
        return f"{self._cloudwatch}#logsV2:logs-insights"

    @property
    def _cloudwatch(self) -> str:
        return f"{_HOME}/cloudwatch/home?region={self.region}"


def page_link(text: str, dashboard: str) -> str:
    """To another dashboard, in Markdown."""
    return f"[{text}](#dashboards:name={dashboard})"
