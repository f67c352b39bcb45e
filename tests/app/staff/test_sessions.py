"""Staff's list of sessions."""

from datetime import timedelta

from models.instants import print_instant
from tests.app.rows import waits
from tests.app.visitors import Visitor, refused_cursors
from tests.school import DAY, Course, School

PATH = "/api/admin/sessions"


def test_a_session_is_shown_with_its_class_its_teacher_and_its_seats(
    staff: Visitor, school: School
) -> None:
    teacher = school.person("TEACHER", name="Tim")
    group_class = school.group_class(teacher_id=teacher, name="Ballet")
    session = school.session(group_class, capacity=7, seats_taken=3)
    shown = staff.get(f"{PATH}/{session}").json
    assert staff.items(PATH) == [shown]
    assert shown == {
        "id": session,
        "groupClassId": group_class,
        "groupClassName": "Ballet",
        "teacherId": teacher,
        "teacherName": "Tim",
        "startAt": print_instant(school.now + 3 * DAY),
        "endAt": print_instant(school.now + 3 * DAY + timedelta(hours=1)),
        "timeZone": "Europe/Berlin",
        "status": "SCHEDULED",
        "capacityMax": 7,
        "seatsTaken": 3,
        "waiting": 0,
    }


def test_sessions_are_listed_page_by_page_the_earliest_first(
    staff: Visitor, school: School
) -> None:
    group_class = school.group_class()
    late = school.session(group_class, 5 * DAY)
    early = school.session(group_class, -1 * DAY)
    twins = [school.session(school.group_class(), 2 * DAY) for _ in range(2)]
    pages = list(staff.pages(PATH))
    assert [[item["id"] for item in page["items"]] for page in pages] == [
        [early],
        [twins[0]],
        [twins[1]],
        [late],
    ]
    assert staff.get(PATH, {"limit": 4}).json["next"] is None


def test_paging_goes_on_where_it_was_when_a_session_has_moved(
    staff: Visitor, school: School
) -> None:
    first, second = (school.session(school.group_class(), days * DAY) for days in (1, 2))
    cursor = staff.get(PATH, {"limit": 1}).json["next"]
    with school.engine.begin() as db:
        db.exec_driver_sql(
            "UPDATE session SET start_at = start_at + interval '9 days',"
            f" end_at = end_at + interval '9 days' WHERE id = {first}"
        )
    assert staff.ids(PATH, cursor=cursor) == [second, first]


def test_sessions_are_listed_by_their_start_class_and_status(
    staff: Visitor, school: School
) -> None:
    group_class = school.group_class()
    day = {n: school.session(group_class, n * DAY) for n in (1, 2, 3)}
    other = school.session(school.group_class(), 2 * DAY, status="CANCELLED")
    at = {n: (school.now + n * DAY).isoformat() for n in (1, 2, 3)}
    assert staff.ids(PATH, from_=at[2]) == [day[2], other, day[3]]
    assert staff.ids(PATH, to=at[2]) == [day[1]]
    assert staff.ids(PATH, from_=at[2], to=at[3]) == [day[2], other]
    assert staff.ids(PATH, from_=at[3], to=at[2]) == []
    assert staff.ids(PATH, groupClassId=group_class) == [day[1], day[2], day[3]]
    assert staff.ids(PATH, status="CANCELLED") == [other]
    assert staff.ids(PATH, groupClassId=2**63 - 1) == []


def test_one_class_is_paged_through_too(staff: Visitor, school: School) -> None:
    group_class = school.group_class()
    sessions = [school.session(group_class, n * DAY) for n in (1, 2, 3)]
    school.session(school.group_class(), 2 * DAY)
    pages = staff.pages(PATH, groupClassId=group_class, status="SCHEDULED")
    assert [page["items"][0]["id"] for page in pages] == sessions


def test_those_who_wait_for_any_session_wait_for_each(staff: Visitor, school: School) -> None:
    course = school.course(capacity=0, sessions=2)
    elsewhere = school.session(school.group_class())
    first, second = course.sessions
    for session in (None, None, first):
        waits(course, *course.enrol_one(), session)
    ended = {"status": "LEFT", "ended_at": school.now}
    waits(course, *course.enrol_one(), second, **ended)
    waiting = {item["id"]: item["waiting"] for item in staff.items(PATH)}
    assert waiting == {first: 3, second: 2, elsewhere: 0}
    assert staff.get(f"{PATH}/{second}").json["waiting"] == 2


def test_what_isnt_a_place_among_sessions_is_refused(
    staff: Visitor, school: School, course: Course
) -> None:
    school.session(course.group_class, 9 * DAY)
    course.enrol(2)
    other_lists = staff.get("/api/admin/students", {"limit": 1}).json["next"]
    own = staff.get(PATH, {"limit": 1}).json["next"]
    changed = own[:-1] + ("A" if own[-1] != "A" else "B")
    refused_cursors(staff, PATH, other_lists, changed, own + "=", own[:-1], own.lower())
