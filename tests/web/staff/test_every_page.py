"""Every page of staff: there for them, for teachers only what is about their classes."""

import re

import pytest
from flask import Flask

from app.settings import Settings
from app.web.routes import FOR_STAFF, FOR_TEACHERS
from tests.school import Course, School
from tests.web.browsing import OWN, Browser
from tests.web.staff.addresses import Ids, addresses, looked_at

INLINE = re.compile(r'\sstyle="|\son\w+="|<style|<script(?! type="module" src="/assets/)')
"""What the policy of the pages forbids."""


def test_staff_see_every_page(staff: Browser, ids: Ids) -> None:
    for path in looked_at(ids):
        answer = staff.get(path)
        assert answer.status_code == 200, (path, answer.text)
        assert answer.text.count("<h1") == 1
        assert not INLINE.search(answer.text), path
        assert "unsafe-inline" not in answer.headers["Content-Security-Policy"]


def test_students_see_none_and_nobody_is_asked_to_sign_in(
    browser: Browser, school: School, ids: Ids
) -> None:
    pages = addresses((*FOR_TEACHERS, *FOR_STAFF), ids)
    for method, path in pages:
        answer = browser.client.open(path, method=method, headers=OWN)
        assert answer.headers["Location"].startswith("/sign-in?"), path
    browser.sign_in(school.person())
    for method, path in pages:
        assert browser.client.open(path, method=method, headers=OWN).status_code == 403, path


def test_teachers_see_their_own_sessions_alone(
    teacher: Browser, school: School, ids: Ids, course: Course
) -> None:
    foreign = school.session(school.group_class(name="Pottery"))

    for method, path in addresses(FOR_STAFF, ids):
        assert teacher.client.open(path, method=method, headers=OWN).status_code == 403, path
    week = school.rows("SELECT to_char(min(start_at), 'IYYY-\"W\"IW') FROM session")[0][0]
    listed = teacher.read(f"/staff/sessions?week={week}")
    assert "Yoga" in listed
    assert "Pottery" not in listed
    assert "Add a session" not in listed
    own = teacher.get(f"/staff/sessions/{course.sessions[0]}").text
    assert "Save attendance" in own
    assert "/cancel" not in own
    assert "/staff/students/" not in own
    assert teacher.get(f"/staff/sessions/{foreign}").status_code == 404
    marks = {"formKey": "a", "mark-1": "ATTENDED"}
    assert teacher.post(f"/staff/sessions/{foreign}/attendance", marks).status_code == 404
    # somebody else's job, about their class or not
    assert teacher.get(f"/staff/jobs/{ids['job_id']}").status_code == 404


def test_what_is_not_there_is_not_found(staff: Browser) -> None:
    nothing = dict.fromkeys(
        ("session_id", "class_id", "booking_id", "student_id", "package_id", "webhook_id"), 987654
    )
    nothing |= {"step_id": 1, "job_id": "0" * 8 + "-0000-0000-0000-" + "0" * 12}
    nothing["message_id"] = nothing["job_id"]
    fields = {
        "formKey": "a",
        "reason": "So",
        "choice": "1-1",
        "mark-1": "ATTENDED",
        "after": "0",
        "startAt": "2027-01-01T10:00",
        "endAt": "2027-01-01T11:00",
        "capacityMax": "1",
        "userId": "1",
        "bookingType": "DROP_IN",
    }
    for method, path in addresses((*FOR_TEACHERS, *FOR_STAFF), nothing):
        if "987654" in path or "00000000" in path:
            answer = staff.get(path) if method == "GET" else staff.post(path, fields)
            assert answer.status_code == 404, (method, path, answer.status_code)


def test_another_site_can_do_nothing(staff: Browser, ids: Ids) -> None:
    for method, path in addresses((*FOR_TEACHERS, *FOR_STAFF), ids):
        if method == "POST":
            answer = staff.client.post(path, headers={"Sec-Fetch-Site": "cross-site"})
            assert answer.status_code == 403, path


@pytest.mark.usefixtures("deciding")
def test_a_teachers_own_deed_has_its_page(
    web_application: Flask, settings: Settings, teacher: Browser, course: Course
) -> None:
    other = Browser(web_application.test_client(), settings)
    other.sign_in(course.school.person("TEACHER"))
    sent = teacher.post(
        f"/staff/sessions/{course.sessions[0]}/attendance", {"formKey": "a", "mark-1": "ATTENDED"}
    )
    assert "Mark attendance" in teacher.read(sent.headers["Location"])
    assert other.get(sent.headers["Location"]).status_code == 404
