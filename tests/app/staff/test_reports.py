"""Reports for staff: who may read them, of which span, and as JSON or CSV."""

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, text

from models.booking_job import BookingJob
from models.new_id import new_id
from models.refusal import RefusalCode
from tests.app.rows import seat, waits
from tests.app.visitors import Visitor
from tests.school import DAY, HOUR, School

SUBJECTS = ["fill", "activity", "lead-time", "waitlist", "no-shows", "decision-time"]
DIVIDED = [
    *(("fill", by) for by in ("week", "class", "session")),
    ("activity", "day"),
    ("lead-time", "lead"),
    *((subject, by) for subject in ("waitlist", "no-shows") for by in ("week", "class")),
    *(("decision-time", by) for by in ("day", "kind")),
]
MONDAY = datetime(2026, 3, 23, tzinfo=UTC)
WEEK = {"from": "2026-03-23T00:00:00Z", "to": "2026-03-30T00:00:00Z"}
OF_WEEK = {
    "week": "2026-W13",
    "monday": "2026-03-23",
    "startsAt": "2026-03-23T00:00:00Z",
    "endsAt": "2026-03-30T00:00:00Z",
}


def path(report: str) -> str:
    return f"/api/admin/analytics/{report}"


def report(visitor: Visitor, subject: str, **query: Any) -> Any:
    answer = visitor.get(path(subject), WEEK | query)
    assert answer.status_code == 200, answer.text
    return answer.json


def rows_of(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline=""), strict=True))


def decided(school: School, day: int, milliseconds: int, **columns: Any) -> None:
    """A job that was submitted on that day of the week and decided so much later."""
    submitted_at = MONDAY + day * DAY
    row = {
        "id": new_id(),
        "kind": "BOOK_STEP",
        "status": "REFUSED",
        "submitted_by": 1,
        "user_id": 1,
        "request": {},
        "lanes": [1],
        "submitted_at": submitted_at,
        "decided_at": submitted_at + timedelta(milliseconds=milliseconds),
        "error": {"code": "session_full"},
    }
    with school.engine.begin() as db:
        db.execute(insert(BookingJob).values(**row | columns))


@pytest.mark.parametrize("visitor", ["staff", "admin"])
def test_staff_and_admins_read_every_report_also_of_an_empty_school(
    request: pytest.FixtureRequest, visitor: str
) -> None:
    reader: Visitor = request.getfixturevalue(visitor)
    for subject, by in DIVIDED:
        answer = reader.get(path(subject), {"by": by, "unknown": "parameter"})
        assert (answer.status_code, answer.json["by"]) == (200, by)
        assert set(answer.json) == {"from", "to", "timeZone", "by", "items", "total"}


def test_teachers_and_students_read_none_and_strangers_are_told_to_sign_in(
    teacher: Visitor, learner: Visitor
) -> None:
    for subject in SUBJECTS:
        for visitor in (teacher, learner):
            answer = visitor.get(path(subject), {"format": "wrong"})
            assert (answer.status_code, answer.json["code"]) == (403, "forbidden")
        answer = teacher.client.get(path(subject))
        assert answer.status_code == 401
        assert "WWW-Authenticate" in answer.headers


@pytest.mark.parametrize(
    ("query", "field", "sentence"),
    [
        ({"from": "yesterday"}, "from", None),
        ({"from": WEEK["to"], "to": WEEK["from"]}, "to", "Must be after from."),
        ({"from": WEEK["to"], "to": WEEK["to"]}, "to", "Must be after from."),
        (
            {"from": "2025-03-23T00:00:00Z", "to": "2026-03-24T00:00:00.001Z"},
            "to",
            "Must be at most 366 days after from.",
        ),
        ({"from": "2020-01-01T00:00:00Z"}, "to", "Must be at most 366 days after from."),
        ({"from": "2199-01-01T00:00:00Z"}, "to", "Must be after from."),
        ({"from": "0001-01-01T00:00:00Z"}, "from", "Must be from the year 1970 to 2199."),
        (
            {"from": "9999-12-01T00:00:00Z", "to": "9999-12-31T23:59:59Z"},
            "from",
            "Must be from the year 1970 to 2199.",
        ),
        (
            {"to": "2200-01-01T00:00:00Z"},
            "to",
            "Must be from the year 1970 to 2199.",
        ),
        (
            {"timeZone": "Mars/Olympus"},
            "timeZone",
            "Must be a known IANA time zone such as Europe/Berlin.",
        ),
        ({"timeZone": ""}, "timeZone", None),
        ({"timeZone": "\0"}, "timeZone", None),
        ({"format": "xml"}, "format", None),
    ],
)
def test_a_report_asked_for_wrongly_is_invalid_and_the_field_is_named(
    staff: Visitor, query: dict[str, str], field: str, sentence: str | None
) -> None:
    for subject in SUBJECTS:
        answer = staff.get(path(subject), query)
        assert (answer.status_code, list(answer.json["errors"])) == (422, [field])
        assert sentence in {None, *answer.json["errors"][field]}


@pytest.mark.parametrize(
    "query",
    [
        *("fill?by=day", "fill?groupClassId=0", "fill?groupClassId=x", "no-shows?by=session"),
        *("no-shows?groupClassId=-1", "waitlist?by=", "decision-time?by=week"),
    ],
)
def test_what_a_report_cant_be_divided_by_is_invalid(staff: Visitor, query: str) -> None:
    answer = staff.get(path(query))
    field = query.partition("?")[2].partition("=")[0]
    assert (answer.status_code, list(answer.json["errors"])) == (422, [field])


@pytest.mark.parametrize("zone", ["America/Los_Angeles", "Pacific/Kiritimati"])
def test_a_report_may_be_of_a_leap_year_by_any_clocks(staff: Visitor, zone: str) -> None:
    query = {"from": "1970-01-01T00:00:00Z", "to": "1971-01-02T00:00:00Z", "timeZone": zone}
    for subject in SUBJECTS:
        answer = staff.get(path(subject), query)
        assert (answer.status_code, answer.json["timeZone"]) == (200, zone)


@pytest.mark.parametrize(("subject", "weeks_ahead"), [("fill", 4), ("activity", 0)])
def test_a_report_is_of_this_week_and_four_before_and_the_fill_of_four_to_come_too(
    staff: Visitor, now: datetime, subject: str, weeks_ahead: int
) -> None:
    told = staff.get(path(subject)).json
    start, end = (datetime.fromisoformat(told[name]) for name in ("from", "to"))
    assert start.weekday() == end.weekday() == 0
    assert (start.hour, end.hour, told["timeZone"]) == (0, 0, "UTC")
    assert end - start == (5 + weeks_ahead) * 7 * DAY
    # a Monday may begin while the test runs
    assert timedelta(0) <= now - start - 4 * 7 * DAY <= 7 * DAY + HOUR


def test_with_an_end_alone_a_report_is_of_the_four_weeks_before(staff: Visitor) -> None:
    told = staff.get(path("activity"), {"to": WEEK["to"]}).json
    assert (told["from"], told["to"]) == ("2026-03-02T00:00:00Z", WEEK["to"])


def test_with_a_beginning_alone_a_report_goes_to_the_end_of_this_week(
    staff: Visitor, now: datetime
) -> None:
    start = (now - 3 * DAY).replace(microsecond=0)
    told = staff.get(path("activity"), {"from": start.isoformat()}).json
    usual = staff.get(path("activity")).json
    assert (datetime.fromisoformat(told["from"]), told["to"]) == (start, usual["to"])


def test_the_fill_as_json(staff: Visitor, school: School) -> None:
    group_class = school.group_class(3, name="Ballet")
    session = school.session(group_class, start_at=MONDAY + 9 * HOUR)
    school.session(group_class, start_at=MONDAY, status="CANCELLED")
    for _ in range(2):
        seat(school, session, school.person())
    figures = {
        "sessions": 1,
        "cancelled": 1,
        "seatsTaken": 2,
        "capacityMax": 3,
        "fillRate": 0.6667,
    }
    named = {"groupClassId": group_class, "groupClassName": "Ballet"}
    told = WEEK | {"timeZone": "UTC", "total": figures}

    assert report(staff, "fill") == told | {"by": "week", "items": [OF_WEEK | figures]}
    assert report(staff, "fill", by="class") == told | {
        "by": "class",
        "items": [named | figures],
    }
    by_session = report(staff, "fill", by="session")
    assert by_session["items"][1] == {
        "sessionId": session,
        **named,
        "startAt": "2026-03-23T09:00:00Z",
        **figures,
        "cancelled": 0,
    }
    assert by_session["items"][0]["fillRate"] is None
    assert by_session["total"] == figures
    assert report(staff, "fill", groupClassId=group_class + 1)["total"]["sessions"] == 0


def test_the_other_reports_as_json(staff: Visitor, school: School) -> None:
    course = school.course(capacity=5)
    session = school.session(course.group_class, start_at=MONDAY + DAY)
    for status in ("ATTENDED", "NO_SHOW", "CONFIRMED"):
        seat(school, session, school.person(), status=status, created_at=MONDAY)
    waits(course, *course.enrol_one(), joined_at=MONDAY, status="LEFT", ended_at=MONDAY)
    decided(school, 0, 1500)
    activity = report(staff, "activity")
    assert activity["items"][0] == {
        "day": "2026-03-23",
        "startsAt": "2026-03-23T00:00:00Z",
        "endsAt": "2026-03-24T00:00:00Z",
        **activity["total"],
    }
    assert activity["total"] == {
        "bookings": 3,
        "changes": 0,
        "cancellations": 0,
        "refusals": 1,
        "refusalsByCode": {"session_full": 1},
    }
    leads = report(staff, "lead-time")
    day = 86400
    assert leads["total"] == {
        "seats": 3,
        "lowerQuartileSeconds": day,
        "medianSeconds": day,
        "upperQuartileSeconds": day,
        "afterStart": 0,
    }
    assert {"atLeastSeconds": day, "lessThanSeconds": 3 * day, "seats": 3} in leads["items"]
    assert leads["items"][-1] == {
        "atLeastSeconds": 56 * day,
        "lessThanSeconds": None,
        "seats": 0,
    }
    assert report(staff, "no-shows")["items"] == [
        OF_WEEK | {"attended": 1, "missed": 1, "unmarked": 1, "noShowRate": 0.5}
    ]
    assert report(staff, "waitlist")["total"] == {
        "joined": 1,
        "promoted": 0,
        "left": 1,
        "expired": 0,
        "seatedElsewhere": 0,
        "sessionCancelled": 0,
        "packageCancelled": 0,
        "waiting": 0,
        "conversionRate": 0,
        "medianWaitSeconds": None,
    }
    times = dict.fromkeys(("p50Seconds", "p95Seconds", "p99Seconds", "longestSeconds"), 1.5)
    assert report(staff, "decision-time", by="kind")["items"] == [
        {"kind": "BOOK_STEP", "decided": 1, **times}
    ]


@pytest.mark.parametrize(("subject", "by"), DIVIDED)
def test_a_csv_has_the_lines_and_columns_of_the_json(
    staff: Visitor, school: School, subject: str, by: str
) -> None:
    course = school.course(capacity=5)
    session = school.session(course.group_class, start_at=MONDAY + DAY)
    seat(school, session, school.person(), status="ATTENDED", created_at=MONDAY)
    waits(course, *course.enrol_one(), joined_at=MONDAY)
    decided(school, 0, 1500)
    told = report(staff, subject, by=by)
    answer = staff.get(path(subject), WEEK | {"by": by, "format": "csv"})
    name = f"{subject}-by-{by}-2026-03-23.csv"
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{name}"'
    header, *rows = rows_of(answer.text)
    assert [row[0] for row in rows] == [str(next(iter(item.values()))) for item in told["items"]]
    shown = [column for column in told["items"][0] if column != "refusalsByCode"]
    assert header[: len(shown)] == shown
    assert all(len(row) == len(header) for row in rows)


def test_a_csv_of_activity_has_a_column_for_each_refusal_code(
    staff: Visitor, school: School
) -> None:
    decided(school, 0, 1)
    decided(school, 0, 1, error={"code": "time_conflict"})
    decided(school, 1, 1)
    answer = staff.get(path("activity"), WEEK | {"format": "csv"})
    header, *rows = rows_of(answer.text)
    counts = {
        code: [int(row[header.index(code)]) for row in rows] for code in map(str, RefusalCode)
    }
    assert counts.pop("session_full") == [1, 1, 0, 0, 0, 0, 0]
    assert counts.pop("time_conflict") == [1, 0, 0, 0, 0, 0, 0]
    assert set(map(tuple, counts.values())) == {(0,) * 7}


def test_no_cell_of_a_report_is_a_formula_and_null_is_empty(staff: Visitor, school: School) -> None:
    group_class = school.group_class(0, name='=1+1, "Ballet"')
    school.session(group_class, start_at=MONDAY)
    answer = staff.get(path("fill"), WEEK | {"by": "class", "format": "csv"})
    assert rows_of(answer.text)[1:] == [
        [str(group_class), '\'=1+1, "Ballet"', "1", "0", "0", "0", ""]
    ]


def test_a_csv_without_lines_is_a_header(staff: Visitor, school: School) -> None:
    answer = staff.get(path("decision-time"), WEEK | {"by": "kind", "format": "csv"})
    assert rows_of(answer.text) == [
        ["kind", "decided", "p50Seconds", "p95Seconds", "p99Seconds", "longestSeconds"]
    ]


@pytest.mark.parametrize("form", ["json", "csv"])
def test_a_list_of_more_than_5000_lines_is_refused_and_one_of_5000_isnt(
    staff: Visitor, school: School, form: str
) -> None:
    group_class = school.group_class()
    with school.engine.begin() as db:
        many = """INSERT INTO session (group_class_id, start_at, end_at, capacity_max)
                  SELECT :group_class, start, start + interval '1 hour', 1
                  FROM generate_series(0, 4999) AS n,
                       LATERAL (SELECT :monday + n * interval '1 minute' AS start) AS one"""
        db.execute(text(many), {"group_class": group_class, "monday": MONDAY})
    query = WEEK | {"by": "session", "format": form}
    assert staff.get(path("fill"), query).status_code == 200
    school.session(group_class, start_at=MONDAY + 5 * DAY)
    answer = staff.get(path("fill"), query)
    assert answer.status_code == 422
    assert answer.json["errors"] == {
        "by": ["Makes more than 5000 lines. Ask for less time, or by week."]
    }
    assert report(staff, "fill")["total"]["sessions"] == 5001
