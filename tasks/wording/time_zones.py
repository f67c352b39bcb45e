"""Time zones by name."""

from datetime import UTC, datetime
from functools import cache
from zoneinfo import ZoneInfo, available_timezones


@cache
def zone_names() -> list[str]:
    """The zones that people live in, by name: those of a place, and UTC."""
    names = {name for name in available_timezones() if "/" in name and name[:4] != "Etc/"}
    return sorted(names | {"UTC"})


def find_zone(name: str) -> ZoneInfo:
    """Find a time zone; old data may name one that nobody knows, and UTC is always true."""
    try:
        return ZoneInfo(name)
    except (LookupError, OSError, ValueError):
        return ZoneInfo("UTC")


def local_time(instant: datetime, zone: ZoneInfo) -> datetime:
    """Tell the instant by the clocks of this zone; in UTC where these lead out of the calendar."""
    try:
        return instant.astimezone(zone)
    except OverflowError:
        return instant.astimezone(UTC)
