"""The files that calendars read, as a second library reads them."""

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from models.calendar_entries import CalendarEntry
from models.session_times import LAST_YEAR
from models.until import Until
from tasks.calendars.files import Invitation, write_feed, write_invitation
from tasks.letterhead import Letterhead
from tasks.wording.languages import nearest
from tasks.wording.moments import MINUS
from tests.calendars import instants, only_event, read_calendar

HOUR = timedelta(hours=1)
NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
START = datetime(2026, 7, 1, 8, tzinfo=UTC)
HEAD = Letterhead("The School <school@x.example>", "https://booking.example")
PAGE = "https://booking.example/"
DAY_BEFORE = START - 24 * HOUR
ENTRY = CalendarEntry(
    uid=UUID("11111111-2222-5333-8444-555555555555"),
    sequence=2,
    is_cancelled=False,
    changed_at=datetime(2026, 1, 1, tzinfo=UTC),
    program_title="Pottery",
    step_label="Step 1",
    step_title="First bowl",
    group_class_name="Tuesdays",
    teacher_name="Tara",
    venue_time_zone="Europe/Berlin",
    start_at=START,
    end_at=START + HOUR,
    until=Until(change=DAY_BEFORE, cancel=START - 48 * HOUR),
    name="Ann",
    email="ann@x.example",
    time_zone="America/New_York",
    locale="en-GB",
)
NASTY = [
    "Bowls, plates; cups\\pots",
    "two\nlines",
    "First\r\nATTENDEE:mailto:all@x.example",
    "First\rSTATUS:CANCELLED",
    "a\x85b\u2028c\u2029d\x0be",
    "END:VEVENT BEGIN:VEVENT",
    "bell\x07 and \x1b[31mred\x7f",
    'say "hello"; and: more, ^n',
    "ü" * 150,
    "𝄞" * 80,
    "e\u0301" * 100,
    "\\n not a line \\, nor this",
]


def invite(entry: CalendarEntry = ENTRY, head: Letterhead = HEAD) -> Invitation:
    return write_invitation(entry, head, nearest(entry.locale), NOW)


def one_line(text: str) -> str:
    """What is left of a text: blanks for lines, and no control characters."""
    return "".join(sign for sign in " ".join(text.split()) if ord(sign) > 31 and ord(sign) != 127)


def test_who_reads_german_is_told_in_german() -> None:
    entry = replace(ENTRY, locale="de-AT", until=Until(DAY_BEFORE, DAY_BEFORE), time_zone="UTC")
    told = (
        "Tuesdays mit Tara\n"
        "Ändern oder stornieren können Sie bis Dienstag, 30. Juni 2026, 08:00, UTC.\n"
        "https://booking.example/"
    )

    assert only_event(invite(entry).text).description == told
    assert only_event(write_feed([entry], HEAD)).description == told


def test_of_a_seat_that_the_student_cant_change_nothing_is_told_about_it() -> None:
    entry = replace(ENTRY, until=None)
    assert only_event(invite(entry).text).description == f"Tuesdays with Tara\n{PAGE}"


def test_an_invitation_enters_an_accepted_session_into_the_calendar() -> None:
    written = invite()
    calendar = read_calendar(written.text)
    event = only_event(written.text)

    assert (written.method, calendar.method) == ("REQUEST", "REQUEST")
    assert (event.uid, event.sequence) == ("11111111-2222-5333-8444-555555555555", 2)
    assert event.status == "CONFIRMED"
    assert event.summary == "Pottery, Step 1: First bowl"
    assert event.description == (
        "Tuesdays with Tara\n"
        f"You can change it until Tuesday, 30 June 2026, 04:00, New York time (GMT{MINUS}04:00),"
        f" and cancel it until Monday, 29 June 2026, 04:00, New York time (GMT{MINUS}04:00).\n"
        "https://booking.example/"
    )
    assert event.dtstamp == NOW
    assert str(event.url) == PAGE
    assert (str(event.organizer.uri), event.organizer.common_name) == (
        "mailto:school@x.example",
        "The School",
    )
    [attendee] = event.attendees
    assert (str(attendee.uri), attendee.common_name) == ("mailto:ann@x.example", "Ann")
    assert (attendee.status, attendee.rsvp) == ("ACCEPTED", False)
    assert b"DTSTART;TZID=Europe/Berlin:20260701T100000\r\n" in written.text
    assert instants(written.text) == (START, START + HOUR)


def test_a_cancelled_entry_is_taken_out_again() -> None:
    written = invite(replace(ENTRY, is_cancelled=True, until=None, sequence=3))
    event = only_event(written.text)

    assert (written.method, read_calendar(written.text).method) == ("CANCEL", "CANCEL")
    assert (event.status, event.sequence, event.uid) == ("CANCELLED", 3, str(ENTRY.uid))
    assert event.description == "Tuesdays with Tara\nhttps://booking.example/"
    assert len(event.attendees) == 1


def test_a_seat_without_a_step_is_called_by_its_class() -> None:
    entry = replace(ENTRY, program_title=None, step_label=None, step_title=None)
    assert only_event(invite(entry).text).summary == "Tuesdays"


@pytest.mark.parametrize("text", NASTY)
def test_whatever_names_hold_stays_text(text: str) -> None:
    entry = replace(
        ENTRY,
        program_title=text,
        step_label=text,
        step_title=text,
        group_class_name=text,
        teacher_name=text,
        name=text,
    )
    plain = one_line(text)
    for content in (invite(entry).text, write_feed([entry], HEAD)):
        event = only_event(content)
        assert event.summary == f"{plain}, {plain}: {plain}"
        assert event.description.splitlines()[0] == f"{plain} with {plain}"
        assert event.status == "CONFIRMED"
        assert content.count(b"\r\nATTENDEE") <= 1
        assert content.count(b"BEGIN:VEVENT\r\n") == 1
    [attendee] = only_event(invite(entry).text).attendees
    assert str(attendee.uri) == "mailto:ann@x.example"
    assert attendee.status == "ACCEPTED"


@pytest.mark.parametrize("name", ['Ann "Bee" C', "Ann; B: C, D", "Ann\r\nX:y", "Änn 李"])
def test_a_name_beside_an_address_is_quoted(name: str) -> None:
    sender = f'"{one_line(name).replace(chr(34), "")}" <a@b.c>'
    written = invite(replace(ENTRY, name=name), replace(HEAD, sender=sender))
    event = only_event(written.text)

    assert event.attendees[0].common_name == one_line(name).replace('"', "'")
    assert str(event.organizer.uri) == "mailto:a@b.c"
    assert b"^" not in written.text


@pytest.mark.parametrize(
    ("email", "uri"),
    [
        ("o'neil+x@x.example", "mailto:o'neil+x@x.example"),
        ("a%b&c?d#e@x.example", "mailto:a%25b%26c%3Fd%23e@x.example"),
        ("a\r\nb:c;d@x.example", "mailto:a%0D%0Ab%3Ac%3Bd@x.example"),
    ],
)
def test_an_address_is_one_that_a_link_can_hold(email: str, uri: str) -> None:
    assert f":{uri}" in invite(replace(ENTRY, email=email)).text.replace(b"\r\n ", b"").decode()


@pytest.mark.parametrize("zone", ["UTC", "Etc/UTC", "US/Nowhere", "", "Europe\r\nX:y"])
def test_where_the_zone_is_utc_or_unknown_times_are_in_utc(zone: str) -> None:
    content = invite(replace(ENTRY, venue_time_zone=zone)).text
    assert b"DTSTART:20260701T080000Z\r\nDTEND:20260701T090000Z\r\n" in content
    assert instants(content) == (START, START + HOUR)


BERLIN_SPRING = datetime(2026, 3, 29, 1, tzinfo=UTC)
BERLIN_AUTUMN = datetime(2026, 10, 25, 1, tzinfo=UTC)
NEW_YORK_SPRING = datetime(2026, 3, 8, 7, tzinfo=UTC)
NEW_YORK_AUTUMN = datetime(2026, 11, 1, 6, tzinfo=UTC)
CASABLANCA_BACK = datetime(2026, 2, 15, 2, tzinfo=UTC)
CASABLANCA_ON = datetime(2026, 3, 22, 2, tzinfo=UTC)
LORD_HOWE_BACK = datetime(2026, 4, 4, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "change"),
    [
        ("Europe/Berlin", BERLIN_SPRING),
        ("Europe/Berlin", BERLIN_AUTUMN),
        ("America/New_York", NEW_YORK_SPRING),
        ("America/New_York", NEW_YORK_AUTUMN),
        ("Africa/Casablanca", CASABLANCA_BACK),
        ("Africa/Casablanca", CASABLANCA_ON),
        ("Australia/Lord_Howe", LORD_HOWE_BACK),
        ("Asia/Kolkata", BERLIN_AUTUMN),
        ("Europe/Berlin", datetime(2026, 12, 31, 22, 30, tzinfo=UTC)),
    ],
)
def test_around_a_change_of_the_clocks_every_quarter_of_an_hour_is_told_right(
    zone: str, change: datetime
) -> None:
    """Before, across and after it, also in the hour that comes twice."""
    quarter = timedelta(minutes=15)
    entries = [
        replace(
            ENTRY,
            uid=UUID(int=number),
            venue_time_zone=zone,
            start_at=change + (number - 10) * quarter,
            end_at=change + (number - 10) * quarter + lasts,
        )
        for number, lasts in enumerate([quarter, HOUR, 5 * HOUR] * 7)
    ]
    feed = write_feed(entries, HEAD)
    for entry in entries:
        assert instants(feed, str(entry.uid)) == (entry.start_at, entry.end_at)
        assert instants(invite(entry).text) == (entry.start_at, entry.end_at)


def test_an_hour_that_comes_twice_is_told_in_utc_the_second_time() -> None:
    half = HOUR / 2
    once, again, later = (
        invite(replace(ENTRY, start_at=start_at, end_at=start_at + half)).text
        for start_at in (BERLIN_AUTUMN - HOUR, BERLIN_AUTUMN, BERLIN_AUTUMN + HOUR)
    )

    assert b"DTSTART;TZID=Europe/Berlin:20261025T020000\r\n" in once
    assert b"DTSTART:20261025T010000Z\r\n" in again
    assert b"DTSTART;TZID=Europe/Berlin:20261025T030000\r\n" in later


def test_a_feed_holds_all_entries_and_each_zone_once() -> None:
    zones = ["Europe/Berlin", "Asia/Kolkata", "Europe/Berlin", "UTC"]
    entries = [
        replace(ENTRY, uid=UUID(int=number), venue_time_zone=zone)
        for number, zone in enumerate(zones)
    ]
    calendar = read_calendar(write_feed(entries, HEAD))

    assert [event.uid for event in calendar.events] == [str(UUID(int=n)) for n in range(4)]
    assert [zone.tz_id for zone in calendar.timezones] == ["Asia/Kolkata", "Europe/Berlin"]
    assert calendar.method is None
    extras = {extra.name.upper(): extra.value for extra in calendar.extras}
    assert calendar.name == [extras["X-WR-CALNAME"]] == ["The School"]
    assert calendar.refresh_interval == HOUR
    assert extras["X-PUBLISHED-TTL"] == "PT1H"


def test_a_feed_without_entries_is_a_calendar_too() -> None:
    calendar = read_calendar(write_feed([], HEAD))
    assert (calendar.events, calendar.timezones) == ([], [])


def test_the_feed_is_the_same_until_an_entry_changes() -> None:
    feed = write_feed([ENTRY], HEAD)
    assert write_feed([ENTRY], HEAD) == feed
    assert only_event(feed).dtstamp == ENTRY.changed_at
    assert write_feed([replace(ENTRY, sequence=3)], HEAD) != feed


@pytest.mark.parametrize(
    "end_at",
    [
        datetime(9999, 12, 31, 23, 30, tzinfo=UTC),
        datetime(9998, 6, 1, 10, tzinfo=UTC),
        datetime(8026, 6, 1, 10, tzinfo=UTC),
        datetime(2200, 1, 1, tzinfo=UTC),
        datetime(1, 1, 1, 2, tzinfo=UTC),
    ],
)
@pytest.mark.parametrize("zone", ["Europe/Berlin", "Pacific/Auckland", "America/New_York"])
def test_an_old_row_of_another_age_is_told_in_utc_beside_the_others_and_at_once(
    zone: str, end_at: datetime
) -> None:
    odd = replace(
        ENTRY,
        uid=UUID(int=1),
        venue_time_zone=zone,
        start_at=end_at - HOUR,
        end_at=end_at,
        until=None,
    )
    usual = replace(ENTRY, venue_time_zone=zone)
    began = time.process_time()
    feed = write_feed([odd, usual], HEAD)
    assert invite(odd).text.count(b"BEGIN:VTIMEZONE") == 0

    assert time.process_time() - began < 1
    assert instants(feed, str(odd.uid)) == (end_at - HOUR, end_at)
    assert instants(feed, str(usual.uid)) == (START, START + HOUR)
    assert feed.count(b"BEGIN:VTIMEZONE") == 1


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Africa/Casablanca"])
def test_a_zone_is_described_for_all_years_in_which_sessions_are_planned(zone: str) -> None:
    last = datetime(LAST_YEAR, 12, 31, 22, tzinfo=UTC)
    far = replace(
        ENTRY,
        uid=UUID(int=1),
        venue_time_zone=zone,
        start_at=last - HOUR,
        end_at=last,
        until=None,
    )
    began = time.process_time()
    feed = write_feed([ENTRY, far], HEAD)

    assert time.process_time() - began < 3
    assert instants(feed, str(far.uid)) == (last - HOUR, last)
