"""Weeks by ISO 8601, as addresses name them (`2026-W09`), by the reader's clocks."""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from models.analytics.span import midnight
from models.session_times import FIRST_YEAR, LAST_YEAR
from tasks.wording.time_zones import find_zone, local_time

_NAME = re.compile(r"(\d{4})-W(\d{2})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Week:
    """The week that begins on this Monday."""

    monday: date
    zone: ZoneInfo

    @property
    def name(self) -> str:
        """Its name in addresses."""
        year, number, _ = self.monday.isocalendar()
        return f"{year:04}-W{number:02}"

    @property
    def starts_at(self) -> datetime:
        """Its first instant."""
        return midnight(self.monday, self.zone)

    @property
    def ends_at(self) -> datetime:
        """The first instant after it."""
        return self.after(1).starts_at

    def after(self, weeks: int) -> "Week":
        """The week so many weeks later, or earlier."""
        return Week(self.monday + timedelta(weeks=weeks), self.zone)


def week_of(instant: datetime, zone: str) -> Week:
    """The week of an instant, by the clocks of that zone."""
    clocks = find_zone(zone)
    day = local_time(instant, clocks).date()
    return Week(day - timedelta(days=day.weekday()), clocks)


def week_named(name: str, zone: str) -> Week | None:
    """The week of this name; None where there is none in the years of sessions."""
    match = _NAME.fullmatch(name)
    if match is None or not FIRST_YEAR < int(match[1]) < LAST_YEAR:
        return None
    try:
        return Week(date.fromisocalendar(int(match[1]), int(match[2]), 1), find_zone(zone))
    except ValueError:
        return None
