"""How instants are printed for the outside."""

from datetime import UTC, datetime


def print_instant(moment: datetime) -> str:
    """Print RFC 3339 in UTC with a `Z`; raises ValueError for a time without a zone.

    Milliseconds are printed when there are any.
    """
    if moment.tzinfo is None:
        raise ValueError("an instant needs its zone")
    in_utc = moment.astimezone(UTC)
    precision = "milliseconds" if in_utc.microsecond >= 1000 else "seconds"
    return in_utc.isoformat(timespec=precision).replace("+00:00", "Z")
