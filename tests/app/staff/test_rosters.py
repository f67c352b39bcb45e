"""Who comes to a session."""

import csv
import io
from typing import Any

import pytest

from tests.app.rows import course_seat, seat
from tests.app.visitors import Visitor, refused_cursors
from tests.school import DAY, Course, School

HEADER = [
    *("bookingId", "studentId", "name", "email", "status", "bookingType", "courseStepId"),
    *("stepLabel", "packageId", "packageName", "paymentStatus", "bookedAt"),
]


@pytest.fixture
def course(school: School) -> Course:
    return school.course(capacity=10, sessions=2)


def path(course: Course, end: str = "roster") -> str:
    return f"/api/admin/sessions/{course.sessions[0]}/{end}"


def test_a_roster_shows_the_session_and_who_holds_a_seat(staff: Visitor, course: Course) -> None:
    student, package = course.enrol_one(package_name="Gold")
    booking = course_seat(course, course.sessions[0], student, package)
    roster = staff.get(path(course)).json
    assert roster["session"] == staff.get(f"/api/admin/sessions/{course.sessions[0]}").json
    assert roster["session"]["seatsTaken"] == 1
    assert roster["next"] is None
    (entry,) = roster["items"]
    assert entry.pop("bookedAt").endswith("Z")
    assert entry == {
        "bookingId": booking,
        "studentId": student,
        "name": entry["name"],
        "email": f"student{student}@school.example",
        "status": "CONFIRMED",
        "bookingType": "COURSE_STEP",
        "courseStepId": course.step,
        "stepLabel": "Step 1",
        "packageId": package,
        "packageName": "Gold",
        "paymentStatus": "PAID",
    }


def test_a_seat_given_directly_has_neither_step_nor_package(staff: Visitor, course: Course) -> None:
    seat(course.school, course.sessions[0], course.school.person(), booking_type="WORKSHOP")
    (entry,) = staff.items(path(course))
    assert entry["bookingType"] == "WORKSHOP"
    assert entry["paymentStatus"] == "UNPAID"
    for field in ("courseStepId", "stepLabel", "packageId", "packageName"):
        assert entry[field] is None


def test_a_roster_is_sorted_by_name_and_holds_no_cancelled_or_foreign_bookings(
    staff: Visitor, course: Course
) -> None:
    school, session = course.school, course.sessions[0]
    names = ["Bo", "Al", "Bo", "Cy"]
    statuses = ["CONFIRMED", "ATTENDED", "NO_SHOW", "CANCELLED"]
    booked = [
        seat(school, session, school.person(name=name), status=status)
        for name, status in zip(names, statuses, strict=True)
    ]
    seat(school, course.sessions[1], school.person(name="Aa"))
    listed = [entry["bookingId"] for entry in staff.items(path(course))]
    assert listed == [booked[1], booked[0], booked[2]]
    pages = list(staff.pages(path(course)))
    assert [entry["bookingId"] for page in pages for entry in page["items"]] == listed
    assert all(page["session"] == pages[0]["session"] for page in pages)


def test_a_roster_is_paged_on_from_a_booking_that_was_cancelled_since(
    staff: Visitor, course: Course
) -> None:
    school, session = course.school, course.sessions[0]
    _, second = [seat(school, session, school.person(name=name)) for name in ("Al", "Bo")]
    cursor = staff.get(path(course), {"limit": 1}).json["next"]
    with school.engine.begin() as db:
        db.exec_driver_sql(f"UPDATE booking SET status = 'CANCELLED' WHERE id <> {second}")
    assert [entry["bookingId"] for entry in staff.items(path(course), cursor=cursor)] == [second]


def test_a_cursor_is_a_booking_of_this_roster(staff: Visitor, course: Course) -> None:
    school = course.school
    for session in course.sessions:
        for name in ("Al", "Bo"):
            seat(school, session, school.person(name=name))
    other = staff.get(f"/api/admin/sessions/{course.sessions[1]}/roster", {"limit": 1})
    refused_cursors(staff, path(course), other.json["next"])


def rows_of(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline=""), strict=True))


def test_a_roster_is_downloaded_whole_as_csv(teacher: Visitor, school: School) -> None:
    course = school.course(capacity=100, sessions=1)
    with school.engine.begin() as db:
        db.exec_driver_sql(f"UPDATE group_class SET teacher_id = {teacher.id}")
    session = course.sessions[0]
    names = [f"Person {number:03}" for number in range(60)]
    for name in names:
        seat(school, session, school.person(name=name))
    answer = teacher.get(path(course, "roster.csv"))
    header, *rows = rows_of(answer.text)
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="roster-{session}.csv"'
    assert answer.text.count("\r\n") == 61
    assert header == HEADER
    assert [row[2] for row in rows] == names
    assert rows[0][6:10] == ["", "", "", ""]


def test_an_empty_roster_is_a_header(staff: Visitor, course: Course) -> None:
    assert rows_of(staff.get(path(course, "roster.csv")).text) == [HEADER]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("=1+1", "'=1+1"),
        ("+49 30", "'+49 30"),
        ("-2", "'-2"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ('=cmd|"/C calc"!A1', '\'=cmd|"/C calc"!A1'),
        ('Eve, "the" Ünlü\nRoot', 'Eve, "the" Ünlü\nRoot'),
        ("Ann=Marie", "Ann=Marie"),
        ("'=1", "'=1"),
    ],
)
def test_no_cell_of_a_csv_is_a_formula(
    staff: Visitor, course: Course, name: str, shown: str
) -> None:
    seat(course.school, course.sessions[0], course.school.person(name=name))
    answer = staff.get(path(course, "roster.csv"))
    assert rows_of(answer.data.decode("utf-8"))[1][2] == shown


def test_a_roster_of_another_day_is_kept(staff: Visitor, course: Course) -> None:
    past: Any = course.school.session(course.group_class, -3 * DAY)
    seat(course.school, past, course.school.person(), status="ATTENDED")
    assert len(staff.items(f"/api/admin/sessions/{past}/roster")) == 1
