"""Fill, no-shows and lead times of a few sessions, counted by hand."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Connection, update

from models.analytics.fill import Fill, read_fill
from models.analytics.lead_time import LeadTimes, read_lead_times
from models.analytics.no_shows import NoShows, read_no_shows
from models.analytics.report import By, ClassName, Report, SessionName
from models.analytics.span import Span
from models.booking import Booking
from tests.app.rows import course_seat, seat
from tests.school import DAY, HOUR, School

MONDAY = datetime(2026, 3, 23, tzinfo=UTC)
"""Of the week in which the clocks of Berlin change."""
BERLIN = ZoneInfo("Europe/Berlin")
WEEK = 7 * DAY
FORTNIGHT = Span(start=MONDAY, end=MONDAY + 2 * WEEK)
LATER = MONDAY + 52 * WEEK


def seated(school: School, session: int, *statuses: str, **columns: object) -> None:
    for status in statuses:
        seat(school, session, school.person(), status=status, **columns)


@pytest.fixture
def classes(school: School) -> tuple[int, int]:
    """Two classes: of ten seats in Berlin, and of four."""
    return school.group_class(10, name="Yoga"), school.group_class(4, name="Ballet")


@pytest.fixture
def sessions(school: School, classes: tuple[int, int]) -> list[int]:
    """Two of yoga and one cancelled, one of ballet a week later; 3 of 10, 0 of 10, 4 of 4."""
    yoga, ballet = classes
    made = [
        school.session(yoga, start_at=MONDAY + 9 * HOUR),
        school.session(yoga, start_at=MONDAY + 6 * DAY + 9 * HOUR),
        school.session(yoga, start_at=MONDAY + 2 * DAY, status="CANCELLED"),
        school.session(ballet, start_at=MONDAY + WEEK),
    ]
    seated(school, made[0], "CONFIRMED", "ATTENDED", "NO_SHOW", "CANCELLED")
    seated(school, made[2], "CANCELLED")
    seated(school, made[3], "ATTENDED", "ATTENDED", "NO_SHOW", "CONFIRMED")
    return made


ALL = Fill(sessions=3, cancelled=1, seats_taken=7, capacity_max=24)


def test_the_fill_by_week(db: Connection, sessions: list[int]) -> None:
    report = read_fill(db, FORTNIGHT, By.WEEK)

    assert [line.of.monday.day for line in report.lines] == [23, 30]
    assert [line.figures for line in report.lines] == [
        Fill(sessions=2, cancelled=1, seats_taken=3, capacity_max=20),
        Fill(sessions=1, cancelled=0, seats_taken=4, capacity_max=4),
    ]
    assert [line.figures.fill_rate for line in report.lines] == [0.15, 1]
    assert (report.total, report.total.fill_rate) == (ALL, 7 / 24)


def test_the_fill_by_class_is_listed_by_name(
    db: Connection, classes: tuple[int, int], sessions: list[int]
) -> None:
    yoga, ballet = classes
    report = read_fill(db, FORTNIGHT, By.CLASS)

    assert [(line.of, line.figures) for line in report.lines] == [
        (ClassName(ballet, "Ballet"), Fill(sessions=1, seats_taken=4, capacity_max=4)),
        (
            ClassName(yoga, "Yoga"),
            Fill(sessions=2, cancelled=1, seats_taken=3, capacity_max=20),
        ),
    ]
    assert report.total == ALL


def test_the_fill_by_session_is_listed_by_start(
    db: Connection, classes: tuple[int, int], sessions: list[int]
) -> None:
    yoga, ballet = classes
    first, second, cancelled, third = sessions
    report = read_fill(db, FORTNIGHT, By.SESSION)

    assert [(line.of, line.figures) for line in report.lines] == [
        (
            SessionName(first, yoga, "Yoga", MONDAY + 9 * HOUR),
            Fill(sessions=1, seats_taken=3, capacity_max=10),
        ),
        (SessionName(cancelled, yoga, "Yoga", MONDAY + 2 * DAY), Fill(cancelled=1)),
        (
            SessionName(second, yoga, "Yoga", MONDAY + 6 * DAY + 9 * HOUR),
            Fill(sessions=1, capacity_max=10),
        ),
        (
            SessionName(third, ballet, "Ballet", MONDAY + WEEK),
            Fill(sessions=1, seats_taken=4, capacity_max=4),
        ),
    ]
    assert [line.figures.fill_rate for line in report.lines] == [0.3, None, 0, 1]
    assert report.total == ALL


def test_a_span_begins_with_its_first_instant_and_ends_before_its_last(
    db: Connection, sessions: list[int]
) -> None:
    before = Span(start=MONDAY + 9 * HOUR, end=MONDAY + 6 * DAY + 9 * HOUR)

    assert read_fill(db, before).total == Fill(
        sessions=1, cancelled=1, seats_taken=3, capacity_max=10
    )


def test_reports_of_one_class(
    db: Connection, classes: tuple[int, int], sessions: list[int]
) -> None:
    _, ballet = classes
    for by in (By.WEEK, By.CLASS, By.SESSION):
        fill = read_fill(db, FORTNIGHT, by, group_class_id=ballet)
        assert fill.total == Fill(sessions=1, seats_taken=4, capacity_max=4)
    no_shows = read_no_shows(db, FORTNIGHT, now=LATER, group_class_id=ballet)
    assert no_shows.total == NoShows(attended=2, missed=1, unmarked=1)
    assert read_fill(db, FORTNIGHT, By.CLASS, group_class_id=999).total == Fill()


def test_weeks_go_by_the_clocks_of_the_zone(db: Connection, school: School) -> None:
    """Sunday 23:30 in Berlin is 22:30 UTC before the clocks change, and 21:30 after."""
    yoga = school.group_class(10)
    for start in (
        datetime(2026, 3, 22, 22, 30, tzinfo=UTC),  # Sunday in Berlin, 23:30
        datetime(2026, 3, 22, 23, 30, tzinfo=UTC),  # Monday in Berlin, 00:30
        datetime(2026, 3, 29, 21, 30, tzinfo=UTC),  # Sunday in Berlin, 23:30
        datetime(2026, 3, 29, 22, 30, tzinfo=UTC),  # Monday in Berlin, 00:30
    ):
        school.session(yoga, start_at=start)
    start, end = MONDAY - WEEK, MONDAY + 2 * WEEK

    def counted(span: Span) -> list[tuple[date, int]]:
        report = read_fill(db, span, By.WEEK)
        return [(line.of.monday, line.figures.sessions) for line in report.lines]

    assert [count for _, count in counted(Span(start=start, end=end))] == [2, 2, 0]
    berlin = counted(Span(start=start + 2 * HOUR, end=end - 2 * HOUR, zone=BERLIN))
    assert [count for _, count in berlin] == [1, 2, 1]
    assert berlin[1][0] == MONDAY.date()


def test_a_class_without_seats_has_no_rate(db: Connection, school: School) -> None:
    school.session(school.group_class(0), start_at=MONDAY)

    total = read_fill(db, FORTNIGHT).total
    assert (total.sessions, total.fill_rate) == (1, None)


def test_no_shows_by_week_and_by_class(
    db: Connection, classes: tuple[int, int], sessions: list[int]
) -> None:
    by_week = read_no_shows(db, FORTNIGHT, By.WEEK, now=LATER)
    by_class = read_no_shows(db, FORTNIGHT, By.CLASS, now=LATER)

    yoga, ballet = (
        NoShows(attended=1, missed=1, unmarked=1),
        NoShows(attended=2, missed=1, unmarked=1),
    )
    assert [line.figures for line in by_week.lines] == [yoga, ballet]
    assert [(line.of.group_class_name, line.figures) for line in by_class.lines] == [
        ("Ballet", ballet),
        ("Yoga", yoga),
    ]
    assert by_week.total == by_class.total == NoShows(attended=3, missed=2, unmarked=2)
    assert by_week.total.no_show_rate == 2 / 5


def test_who_isnt_marked_is_only_counted_when_the_session_is_over(
    db: Connection, sessions: list[int]
) -> None:
    end_of_ballet = MONDAY + WEEK + HOUR

    def unmarked(now: datetime) -> int:
        return read_no_shows(db, FORTNIGHT, now=now).total.unmarked

    assert unmarked(end_of_ballet) == 2
    assert unmarked(end_of_ballet - timedelta(microseconds=1)) == 1
    assert unmarked(MONDAY) == 0


def test_a_cancelled_session_has_no_no_shows(db: Connection, school: School) -> None:
    """Not even where an old row says so."""
    off = school.session(school.group_class(), start_at=MONDAY, status="CANCELLED")
    seated(school, off, "NO_SHOW")

    report = read_no_shows(db, FORTNIGHT, now=LATER)
    assert report.total == NoShows()
    assert report.total.no_show_rate is None


def lead_counts(report: Report[object, LeadTimes]) -> dict[float, int]:
    """The seats of each stretch that has some, by the hours at which it begins."""
    return {
        line.of.at_least / HOUR: line.figures.seats for line in report.lines if line.figures.seats
    }


def test_lead_times_are_counted_in_stretches(db: Connection, school: School) -> None:
    session = school.session(school.group_class(20), start_at=MONDAY)
    for lead in (
        timedelta(0),
        2 * HOUR - timedelta(milliseconds=1),
        2 * HOUR,
        DAY,
        3 * DAY,
        13 * DAY,
        400 * DAY,
    ):
        seated(school, session, "CONFIRMED", created_at=MONDAY - lead)
    report = read_lead_times(db, FORTNIGHT)

    assert lead_counts(report) == {0: 2, 2: 1, 24: 1, 72: 1, 7 * 24: 1, 56 * 24: 1}
    assert report.lines[-1].of.less_than is None
    assert all(
        line.of.less_than == following.of.at_least
        for line, following in zip(report.lines, report.lines[1:], strict=False)
    )
    assert report.total.seats == 7


def test_the_quartiles_of_lead_times(db: Connection, school: School) -> None:
    session = school.session(school.group_class(20), start_at=MONDAY)
    for hours in (1, 2, 3, 4, 9):
        seated(school, session, "ATTENDED", created_at=MONDAY - hours * HOUR)

    assert read_lead_times(db, FORTNIGHT).total == LeadTimes(
        seats=5, lower_quartile=2 * HOUR, median=3 * HOUR, upper_quartile=4 * HOUR
    )


def test_what_was_entered_after_the_start_is_counted_apart(db: Connection, school: School) -> None:
    session = school.session(school.group_class(20), start_at=MONDAY)
    seated(school, session, "ATTENDED", created_at=MONDAY + HOUR)
    seated(school, session, "ATTENDED", created_at=MONDAY - HOUR)

    assert read_lead_times(db, FORTNIGHT).total == LeadTimes(
        seats=1, lower_quartile=HOUR, median=HOUR, upper_quartile=HOUR, after_start=1
    )


def test_lead_times_are_of_seats_of_every_type_that_are_held_in_sessions_that_take_place(
    db: Connection, school: School
) -> None:
    course = school.course(capacity=10)
    session = school.session(course.group_class, start_at=MONDAY)
    off = school.session(course.group_class, start_at=MONDAY, status="CANCELLED")
    course_seat(course, session, *course.enrol_one(), created_at=MONDAY - DAY)
    seated(school, session, "NO_SHOW", booking_type="WORKSHOP", created_at=MONDAY - DAY)
    seated(school, session, "CANCELLED", created_at=MONDAY - DAY)
    seated(school, off, "CONFIRMED", created_at=MONDAY - DAY)
    with school.engine.begin() as writing:
        # as rows from before the seat rules may be
        writing.execute(update(Booking).where(Booking.status == "NO_SHOW").values(during=None))

    assert read_lead_times(db, FORTNIGHT).total.seats == 2


def test_reports_of_an_empty_span_are_there(db: Connection, sessions: list[int]) -> None:
    span = Span(start=MONDAY - WEEK, end=MONDAY)

    assert [line.figures for line in read_fill(db, span).lines] == [Fill()]
    assert read_fill(db, span, By.CLASS).lines == []
    assert read_fill(db, span).total == Fill()
    assert read_no_shows(db, span, now=LATER).total == NoShows()
    leads = read_lead_times(db, span)
    assert (leads.total, lead_counts(leads)) == (LeadTimes(), {})
