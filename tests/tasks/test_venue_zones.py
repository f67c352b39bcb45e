"""Time zones spelled out: an independent reader gets the offset of every hour right."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from icalendar import Timezone as TheirTimezone

from tasks.calendars.files import PRODUCT
from tasks.calendars.venue_zones import describe_zone
from tasks.wording.time_zones import find_zone
from tests.calendars import offset_at, read_calendar

HOUR = timedelta(hours=1)
YEARS = (2025, 2028)
BEGIN, END = datetime(2026, 1, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC)

ZONES = [
    "Europe/Berlin",
    "America/New_York",
    "Asia/Kolkata",  # no summer time
    "Africa/Casablanca",  # winter time in Ramadan, on other days each year
    "Europe/Dublin",  # summer is its standard time
    "Australia/Lord_Howe",  # half an hour, on the other half of the earth
    "America/Santiago",  # the Sunday after a day of the month
    "America/St_Johns",
    "Asia/Gaza",
    "Africa/Cairo",  # a Friday and a Thursday, at midnight
    "Pacific/Chatham",
    "Etc/GMT+12",
]


def described(zone: bytes) -> bytes:
    head = f"BEGIN:VCALENDAR\r\nPRODID:{PRODUCT}\r\nVERSION:2.0\r\n".encode()
    return head + zone + b"END:VCALENDAR\r\n"


def wrong_hours(zone: ZoneInfo, content: bytes) -> int:
    """How many hours of two years get another offset by the description than by the zone.

    Looked at around each change, and at one hour of every day.
    """
    [told] = read_calendar(described(content)).timezones
    assert told.tz_id == zone.key
    wrong, hour = 0, BEGIN
    while hour < END:
        day_changes = utc_offset(zone, hour) != utc_offset(zone, hour + 24 * HOUR)
        for step in range(24 if day_changes else 1):
            at = hour + step * HOUR
            wrong += offset_at(told, at) != utc_offset(zone, at)
        hour += 24 * HOUR
    return wrong


def utc_offset(zone: ZoneInfo, instant: datetime) -> timedelta | None:
    return instant.astimezone(zone).utcoffset()


@pytest.mark.parametrize("name", ZONES)
def test_a_description_is_right_at_every_hour_of_its_years(name: str) -> None:
    zone = ZoneInfo(name)
    assert wrong_hours(zone, describe_zone(zone, *YEARS)) == 0


def test_the_library_s_own_description_would_be_wrong_for_an_hour_each_spring() -> None:
    zone = ZoneInfo("Europe/Berlin")
    theirs = TheirTimezone.from_tzinfo(zone, zone.key, date(2025, 1, 1), date(2029, 1, 1))
    theirs.pop("comment")
    assert wrong_hours(zone, theirs.to_ical()) == 2


@pytest.mark.parametrize(
    ("name", "rules"),
    [
        ("Europe/Berlin", ["BYDAY=-1SU;BYMONTH=3", "BYDAY=-1SU;BYMONTH=10"]),
        ("America/New_York", ["BYDAY=2SU;BYMONTH=3", "BYDAY=1SU;BYMONTH=11"]),
        ("Africa/Casablanca", []),
        ("Asia/Kolkata", []),
    ],
)
def test_changes_that_come_back_each_year_are_told_as_a_rule(name: str, rules: list[str]) -> None:
    """Outlook reads rules and single changes, no lists of them ([MS-STANOICAL] 2.2.47)."""
    text = describe_zone(ZoneInfo(name), *YEARS).decode()

    assert sorted(rules) == sorted(
        line.removeprefix("RRULE:FREQ=YEARLY;")
        for line in text.splitlines()
        if line.startswith("RRULE")
    )
    assert "RDATE" not in text


@pytest.mark.parametrize("name", ["US/Nowhere", "", "Europe", "../etc/passwd", "a\r\nb", "a\x00"])
def test_a_zone_that_nobody_knows_is_utc(name: str) -> None:
    assert find_zone(name).key == "UTC"
