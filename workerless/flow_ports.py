"""What flow control needs of the world: one small port for each mechanism, over the one table."""

from typing import Protocol


class FlowStores(Protocol):
    """The stores of all mechanisms. Each is made when it is first asked for."""
