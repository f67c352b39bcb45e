"""Whoever was erased is nobody to the API: no token opens anything, no address leads anywhere."""

from urllib.parse import urlsplit

from flask.testing import FlaskClient

from app.settings import Settings
from models.personal.erasing import erase_person
from models.round import Decider
from models.user_token import TokenPurpose
from models.user_tokens import token_of
from tests.app.students import CALLS, Student
from tests.school import Course, School


def test_tokens_and_addresses_of_before_open_nothing(
    client: FlaskClient, student: Student, school: School, decider: Decider
) -> None:
    job = student.book(Prefer="wait=0").json
    feed = urlsplit(student.get("/api/students/me/calendar").json["url"]).path
    with school.engine.begin() as db:
        unsubscribing = token_of(db, student.id, TokenPurpose.UNSUBSCRIBE, school.now)
    assert client.get(feed).status_code == 200
    erase_person(decider, student.id)

    answers = [student.call(name, student.usual_body(name)) for name in CALLS]
    answers += [
        student.get("/api/students/me"),
        student.get("/api/students/me/course-packages"),
        student.get("/api/students/me/calendar"),
        student.get("/api/jobs"),
        student.get(f"/api/jobs/{job['id']}"),
        student.delete(f"/api/jobs/{job['id']}"),
        client.patch("/api/students/me", json={"name": "Me"}, headers=student.headers),
    ]
    assert {(answer.status_code, answer.json["code"]) for answer in answers} == {
        (401, "invalid_token")
    }
    assert client.get(feed).status_code == 404
    assert client.post(f"/api/unsubscribe/{unsubscribing}").status_code == 404


def test_an_address_that_was_made_at_that_moment_opens_nothing_and_goes_the_next_time(
    client: FlaskClient, student: Student, school: School, decider: Decider
) -> None:
    with school.engine.begin() as db:
        feed, unsubscribing = (token_of(db, student.id, use, school.now) for use in TokenPurpose)
        erase_person(decider, student.id)
    assert client.get(f"/api/calendar/{feed}.ics").status_code == 404
    assert client.post(f"/api/unsubscribe/{unsubscribing}").status_code == 404
    assert school.rows("SELECT count(*) FROM user_token") == [(2,)]
    erase_person(decider, student.id)
    assert school.rows("SELECT count(*) FROM user_token") == [(0,)]


def test_staff_find_them_among_bookings_and_not_among_students(
    client: FlaskClient, settings: Settings, student: Student, course: Course, decider: Decider
) -> None:
    student.book()
    erase_person(decider, student.id)
    staff = Student(client, settings, course)
    course.school.change("user_account", staff.id, role="STAFF")

    found = staff.get("/api/admin/students").json["items"]
    assert student.id not in {one["id"] for one in found}
    (booking,) = staff.get(f"/api/admin/bookings?studentId={student.id}").json["items"]
    assert booking["status"] == "CANCELLED"
    newest, *_ = staff.get("/api/admin/audit").json["items"]
    assert (newest["action"], newest["subjectId"]) == ("erase_user", student.id)
