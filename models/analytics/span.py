"""The stretch of time that a report is about."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any

from sqlalchemy import ColumnElement, and_

LONGEST = timedelta(days=366)
"""More than a year in one report costs the database more than a request may."""
WEEKS_BACK = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """From `start` until just before `end`, both aware.

    Its days and weeks are those of the zone's clocks.
    """

    start: datetime
    end: datetime
    zone: tzinfo = UTC

    def covers(self, instant: Any) -> ColumnElement[bool]:
        """Whether a row's instant lies in it."""
        return and_(instant >= self.start, instant < self.end)


def usual_span(now: datetime, zone: tzinfo = UTC, *, weeks_ahead: int = 0) -> Span:
    """The four weeks before this one, this one, and so many ahead: whole weeks from Monday on."""
    today = now.astimezone(zone).date()
    monday = today - timedelta(days=today.weekday())
    return Span(
        start=midnight(monday - timedelta(weeks=WEEKS_BACK), zone),
        end=midnight(monday + timedelta(weeks=1 + weeks_ahead), zone),
        zone=zone,
    )


def midnight(day: date, zone: tzinfo) -> datetime:
    """The instant at which a day begins by the zone's clocks, in UTC."""
    return datetime.combine(day, time(), zone).astimezone(UTC)
