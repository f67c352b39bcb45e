"""iCalendar files as a second, independent library reads them, strictly."""

from datetime import UTC, datetime, timedelta
from itertools import takewhile
from typing import Any

from ical.calendar import Calendar
from ical.calendar_stream import IcsCalendarStream
from ical.event import Event
from ical.timezone import Observance, Timezone


def read_calendar(content: bytes) -> Calendar:
    """The calendar in the file; its lines are looked at first (RFC 5545 3.1)."""
    assert content.endswith(b"\r\n")
    for line in content.removesuffix(b"\r\n").split(b"\r\n"):
        assert 0 < len(line) <= 75
        assert not any(byte < 32 or byte == 127 for byte in line), line
    # what is folded is no half of a character
    assert all(line.decode() for line in content.split(b"\r\n")[:-1])
    return IcsCalendarStream.calendar_from_ics(content.decode())


def only_event(content: bytes) -> Event:
    [event] = read_calendar(content).events
    return event


def instants(content: bytes, uid: str | None = None) -> tuple[datetime, datetime]:
    """When the entry begins and ends, by nothing but the file itself."""
    calendar = read_calendar(content)
    [event] = [event for event in calendar.events if uid in {None, event.uid}]
    zones = {zone.tz_id: zone for zone in calendar.timezones}
    return _instant(event.dtstart, zones), _instant(event.dtend, zones)


def offset_at(zone: Timezone, instant: datetime) -> timedelta:
    """The offset that the VTIMEZONE gives an instant; its onsets are told in the time before."""
    naive = instant.replace(tzinfo=None)
    began = [
        (onset - observance.tz_offset_from.offset, observance.tz_offset_to.offset)
        for observance in _observances(zone)
        for onset in _onsets(observance, naive)
    ]
    _, offset = max((at, offset) for at, offset in began if at <= naive)
    return offset


def _instant(told: Any, zones: dict[str, Timezone]) -> datetime:
    if told.tzinfo is UTC or told.tzname() == "UTC":
        return told.astimezone(UTC)
    zone, local = zones[str(told.tzinfo)], told.replace(tzinfo=None)
    offsets = {observance.tz_offset_to.offset for observance in _observances(zone)}
    meant = [(local - offset).replace(tzinfo=UTC) for offset in offsets]
    # a time that comes twice means the first (RFC 5545 3.3.5)
    return min(at for at in meant if at.replace(tzinfo=None) + offset_at(zone, at) == local)


def _observances(zone: Timezone) -> list[Observance]:
    return [*zone.standard, *zone.daylight]


def _onsets(observance: Observance, until: datetime) -> list[Any]:
    """The begins up to a time; this library leaves out the first where there is no rule."""
    last = until + timedelta(days=2)
    ruled = takewhile(lambda onset: onset < last, iter(observance.as_ruleset()))
    return [observance.dtstart, *ruled]
