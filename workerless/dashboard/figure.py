"""Numbers as people read them."""

_MANY = 100


def figure(value: float | None) -> str:
    """Three digits that count, and all of those before the point; ``-`` for none."""
    if value is None:
        return "-"
    if value == int(value) or abs(value) >= _MANY:
        return f"{value:,.0f}"
    return f"{value:.3g}"
