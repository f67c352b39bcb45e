"""Writes iCalendar files (RFC 5545): the invitation that a mail carries, and a student's feed.

Loads icalendar and babel: imported where a file is first written.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import quote
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, vCalAddress

from models.calendar_entries import CalendarEntry
from models.session_times import is_within_years
from tasks.calendars.texts import description, summary
from tasks.calendars.venue_zones import describe_zone
from tasks.letterhead import Letterhead
from tasks.wording.languages import Language, nearest
from tasks.wording.plain_text import plain
from tasks.wording.time_zones import find_zone

PRODUCT = "-//Thrive Booking//Thrive Booking//EN"
REFRESH = timedelta(hours=1)
"""How often a calendar may well ask for the feed again."""
UTC_ZONE = "UTC"
SAFE_IN_ADDRESS = "@!$'*+-._~"
"""What an address has as it is in a `mailto:` (RFC 6068); anything else is percent-encoded."""


@dataclass(frozen=True, slots=True)
class Invitation:
    """A file for a mail, and what it asks of the calendar: `REQUEST` or `CANCEL` (RFC 5546)."""

    method: str
    text: bytes


def write_invitation(
    entry: CalendarEntry, letterhead: Letterhead, language: Language, now: datetime
) -> Invitation:
    """The file that enters, changes or ends this entry in the student's calendar.

    The organizer is the mail's sender: programs refuse another. The student has accepted by
    booking, so nothing has to be answered.
    """
    method = "CANCEL" if entry.is_cancelled else "REQUEST"
    calendar = _calendar()
    calendar.add("method", method)
    event = _event(entry, letterhead.page_url, language)
    event.add("dtstamp", now)
    event.add("status", "CANCELLED" if entry.is_cancelled else "CONFIRMED")
    event.add("organizer", _organizer(letterhead))
    event.add("attendee", _attendee(entry))
    return Invitation(method, _written(calendar, [event]))


def write_feed(entries: Sequence[CalendarEntry], letterhead: Letterhead) -> bytes:
    """The file with all entries; the same bytes as long as none of them changes."""
    calendar = _calendar()
    calendar.add("name", plain(letterhead.name))
    calendar.add("x-wr-calname", plain(letterhead.name))
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT1H")
    events = []
    for entry in entries:
        event = _event(entry, letterhead.page_url, nearest(entry.locale))
        event.add("dtstamp", entry.changed_at)
        event.add("status", "CONFIRMED")
        events.append(event)
    return _written(calendar, events)


def _calendar() -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    return calendar


def _event(entry: CalendarEntry, page: str, language: Language) -> Event:
    event = Event()
    event.add("uid", str(entry.uid))
    event.add("sequence", entry.sequence)
    event.add("summary", summary(entry))
    event.add("description", description(entry, page, language))
    event.add("url", page)
    start_at, end_at = _as_told(entry)
    event.add("dtstart", start_at)
    event.add("dtend", end_at)
    event.add("transp", "OPAQUE")
    return event


def _as_told(entry: CalendarEntry) -> tuple[datetime, datetime]:
    """Start and end at the venue, or in UTC where its clocks can't tell them.

    When clocks are set back an hour comes twice, and by name only its first time can be meant
    (RFC 5545 3.3.5). A zone is described for the years in which sessions are planned and no other,
    so that old rows cost nothing.
    """
    times = entry.start_at, entry.end_at
    if all(map(is_within_years, times)):
        zone = find_zone(entry.venue_time_zone)
        start_at, end_at = (instant.astimezone(zone) for instant in times)
        if not (start_at.fold or end_at.fold):
            return start_at, end_at
    start_at, end_at = (instant.astimezone(ZoneInfo(UTC_ZONE)) for instant in times)
    return start_at, end_at


def _organizer(letterhead: Letterhead) -> vCalAddress:
    return vCalAddress.new(_quoted(letterhead.address), cn=_name(letterhead.name))


def _attendee(entry: CalendarEntry) -> vCalAddress:
    return vCalAddress.new(
        _quoted(entry.email),
        cn=_name(entry.name),
        cutype="INDIVIDUAL",
        role="REQ-PARTICIPANT",
        partstat="ACCEPTED",
        rsvp=False,
    )


def _quoted(address: str) -> str:
    return quote(address, safe=SAFE_IN_ADDRESS)


def _name(name: str) -> str:
    """A name as a parameter holds it: programs don't read the quotes of RFC 6868."""
    return plain(name).replace('"', "'")


def _written(calendar: Calendar, events: Sequence[Event]) -> bytes:
    for event in events:
        calendar.add_component(event)
    # the year before, so that whatever holds at the first instant has begun by then
    zones = [
        describe_zone(ZoneInfo(name), first_year - 1, last_year + 1)
        for name, (first_year, last_year) in sorted(_zones(events).items())
    ]
    # what stands before the first entry is ours, so that this is the first
    begin = b"BEGIN:VEVENT"
    return bytes(calendar.to_ical()).replace(begin, b"".join(zones) + begin, 1)


def _zones(events: Iterable[Event]) -> dict[str, tuple[int, int]]:
    """The zones in which times are told, each with its first and last year."""
    years: dict[str, set[int]] = defaultdict(set)
    for event in events:
        start_at, end_at = event.DTSTART, event.DTEND
        zone = getattr(start_at, "tzinfo", None)
        if isinstance(zone, ZoneInfo) and zone.key != UTC_ZONE:
            years[zone.key] |= {start_at.year, end_at.year}
    return {zone: (min(found), max(found)) for zone, found in years.items()}
