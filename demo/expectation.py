"""The demo claims nothing that it has not checked."""


class UnmetExpectation(Exception):
    """What was shown is not what should be."""


def expect(what: str, *, got: object, expected: object) -> None:
    """Raises ``UnmetExpectation`` unless both are equal."""
    if got != expected:
        raise UnmetExpectation(f"{what}: expected {expected!r}, got {got!r}")


def expect_at_least(what: str, *, got: float, expected: float, unit: str) -> None:
    """Raises ``UnmetExpectation`` when ``got`` is below."""
    if got < expected:
        raise UnmetExpectation(f"{what}: expected at least {expected:g} {unit}, got {got:g} {unit}")
