"""Time zones by name."""

from zoneinfo import ZoneInfo


def find_zone(name: str) -> ZoneInfo:
    """Find a time zone; old data may name one that nobody knows, and UTC is always true."""
    try:
        return ZoneInfo(name)
    except (LookupError, OSError, ValueError):
        return ZoneInfo("UTC")
