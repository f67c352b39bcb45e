"""The days and weeks of a report, by the clocks of the zone that was asked for."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from models.analytics.periods import days, weeks
from models.analytics.span import Span, usual_span

BERLIN = ZoneInfo("Europe/Berlin")
HOURS = timedelta(hours=1)


def at(day: int, hour: int = 0, month: int = 3) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=UTC)


def test_the_usual_span_is_this_week_and_the_four_before_it() -> None:
    span = usual_span(at(12, 15, month=8))  # a Wednesday

    assert (span.start, span.end, span.zone) == (at(13, month=7), at(17, month=8), UTC)
    assert usual_span(at(12, 15, month=8), weeks_ahead=4).end == at(14, month=9)


def test_it_begins_on_monday_by_the_zones_clocks() -> None:
    last_of_sunday, monday = at(16, 21, month=8), at(16, 22, month=8)

    assert usual_span(last_of_sunday, BERLIN).end == monday
    assert usual_span(monday, BERLIN).start == monday - timedelta(weeks=4)


def test_the_days_of_a_span_follow_each_other_and_are_cut_by_it() -> None:
    found = days(Span(start=at(1, 6), end=at(3, 18)))

    assert [day.day for day in found] == [date(2026, 3, number) for number in (1, 2, 3)]
    assert [(day.starts_at, day.ends_at) for day in found] == [
        (at(1, 6), at(2)),
        (at(2), at(3)),
        (at(3), at(3, 18)),
    ]


def test_a_span_that_ends_at_midnight_doesnt_touch_the_day_that_begins() -> None:
    assert [day.day.day for day in days(Span(start=at(1), end=at(3)))] == [1, 2]


@pytest.mark.parametrize(
    ("month", "sunday", "hours"), [(3, 29, 23), (10, 25, 25)], ids=["spring", "autumn"]
)
def test_a_day_on_which_the_clocks_change_has_another_length(
    month: int, sunday: int, hours: int
) -> None:
    span = Span(start=at(sunday - 3, month=month), end=at(sunday + 2, month=month), zone=BERLIN)
    lengths = {day.day.day: (day.ends_at - day.starts_at) / HOURS for day in days(span)[1:-1]}

    assert lengths.pop(sunday) == hours
    assert set(lengths.values()) == {24}


def test_a_week_in_which_the_clocks_change_has_another_length() -> None:
    span = Span(start=at(22, 23), end=at(5, 22, month=4), zone=BERLIN)
    found = weeks(span)

    assert [week.week for week in found] == ["2026-W13", "2026-W14"]
    assert [(week.ends_at - week.starts_at) / HOURS for week in found] == [167, 168]


def test_weeks_begin_on_monday_and_are_cut_by_the_span() -> None:
    found = weeks(Span(start=at(4), end=at(11)))  # from a Wednesday to the next

    assert [(week.monday.day, week.starts_at, week.ends_at) for week in found] == [
        (2, at(4), at(9)),
        (9, at(9), at(11)),
    ]


@pytest.mark.parametrize(
    ("start", "week"),
    [
        (datetime(2027, 1, 1, tzinfo=UTC), "2026-W53"),
        (datetime(2024, 12, 30, tzinfo=UTC), "2025-W01"),
    ],
)
def test_the_first_week_of_a_year_is_the_one_of_iso_8601(start: datetime, week: str) -> None:
    assert [one.week for one in weeks(Span(start=start, end=start + HOURS))] == [week]


def test_a_day_that_a_zone_left_out_is_no_day() -> None:
    start, end = datetime(2011, 12, 29, 12, tzinfo=UTC), datetime(2011, 12, 31, 12, tzinfo=UTC)
    found = days(Span(start=start, end=end, zone=ZoneInfo("Pacific/Apia")))

    assert [day.day.day for day in found] == [29, 31, 1]
    assert all(day.starts_at < day.ends_at for day in found)


def test_a_day_whose_midnight_isnt_there_begins_with_its_first_minute() -> None:
    beirut = ZoneInfo("Asia/Beirut")
    span = Span(start=at(28, 12), end=at(29, 12), zone=beirut)
    first, second = days(span)

    assert first.ends_at == second.starts_at == at(28, 22)
    assert second.starts_at.astimezone(beirut).hour == 1
