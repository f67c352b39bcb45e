"""When sessions can be planned."""

from datetime import datetime

FIRST_YEAR, LAST_YEAR = 1970, 2199
"""Further away is a slip of the pen, and nobody knows how clocks will be set."""


def is_within_years(instant: datetime) -> bool:
    """Whether this instant lies where sessions are planned; old rows may hold any other."""
    return FIRST_YEAR <= instant.year <= LAST_YEAR
