"""The names under which the product and its baselines are reported."""

PRODUCT = "product"
SYNCHRONOUS = "synchronous"
ONE_AT_A_TIME = "one at a time"


def workers(processes: int) -> str:
    """Return the name of the drain with this many worker processes."""
    return f"{processes} worker" if processes == 1 else f"{processes} workers"
