"""The queue, everybody's jobs, and trying failed ones again."""

import re
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import update

from app.api.collaborators import SETTINGS
from models.booking_job import BookingJob, JobStatus
from models.round import Decider
from tests.app.students import decide
from tests.processes import until
from tests.school import Course, Pupil, School, Staff
from tests.web.browsing import Browser
from tests.web.staff.deeds import hidden


@pytest.fixture
def failed(pupil: Pupil, course: Course, decider: Decider, school: School) -> str:
    """The page of a job that broke."""
    job = pupil.book(course.sessions[0])
    decide(decider)
    pupil.cancel()
    decide(decider)
    error = {"code": "internal_error", "message": "It broke.", "detail": "five times"}
    with school.engine.begin() as db:
        db.execute(
            update(BookingJob)
            .where(BookingJob.id == job)
            .values(status=JobStatus.FAILED, error=error, result=None, attempts=5)
        )
    return f"/staff/jobs/{job}"


def test_the_queue_is_told_with_its_age_and_the_last_sign_of_a_worker(
    staff: Browser, pupil: Pupil, course: Course
) -> None:
    assert "The oldest has waited –" in staff.read("/staff/jobs")
    job = pupil.book(course.sessions[0])

    # one look at the queue serves a second
    until(lambda: "The oldest has waited –" not in staff.read("/staff/jobs"), 5, "a new look")
    told = staff.read("/staff/jobs")
    assert re.search(r"In the queue 1 The oldest has waited \d+ second", told)
    assert "A worker was last seen never" in told
    assert "Book a session" in told
    assert "Being decided" in told
    page = staff.get(f"/staff/jobs/{job}")
    assert "0 jobs are ahead of it" in page.text
    # it isn't the reader's own, so no script can follow it
    assert "data-live" not in page.text
    assert '<meta http-equiv="refresh"' in page.text


def test_what_staff_asked_for_is_followed_while_it_waits(
    staff: Browser, sam: Staff, course: Course
) -> None:
    page = f"/staff/jobs/{sam.cancel_session(course.sessions[0], dry_run=True)}"

    html = staff.get(page).text
    assert "data-live" in html
    assert "data-job=" in html


@pytest.mark.usefixtures("deciding")
def test_a_failed_job_is_tried_again_once(staff: Browser, failed: str, pupil: Pupil) -> None:
    assert "Failed" in staff.read("/staff/jobs?status=FAILED&kind=BOOK_STEP")
    assert "There is no such job" in staff.read("/staff/jobs?status=FAILED&kind=BULK_BOOK")
    assert "It broke. five times" in staff.read(failed)

    fields = hidden(staff, failed)
    pages = [staff.post(f"{failed}/retry", fields).headers["Location"] for _ in range(2)]
    assert pages[0] == pages[1]
    told = staff.read(pages[0])
    assert "Tries again an earlier job" in told
    assert "Done" in told
    assert pupil.sits_in() is not None
    again = staff.post(f"{pages[0]}/retry", {"formKey": "b"})
    assert again.status_code == 409
    assert "Only a job that failed" in again.text


def test_many_jobs_are_listed_in_pages_and_by_student(
    staff: Browser, school: School, pupil: Pupil, course: Course
) -> None:
    for _ in range(55):
        pupil.book(course.sessions[0])
    other = course.pupil()
    other.book(course.sessions[1])

    first = staff.get("/staff/jobs")
    assert len(first.data) < 100_000
    assert first.text.count('<th scope="row"') == 50
    later = re.search(r'href="([^"]*cursor=[^"]*)"', first.text)
    assert later
    assert staff.get(later[1].replace("&amp;", "&")).text.count('<th scope="row"') == 6
    theirs = staff.get(f"/staff/jobs?userId={other.id}").text
    assert theirs.count('<th scope="row"') == 1
    assert "Only those of Person" in theirs
    for query in ("status=GONE", "kind=x", "userId=x", "cursor=x"):
        assert staff.get(f"/staff/jobs?{query}").status_code == 422, query
    assert school.rows("SELECT count(*) FROM booking_job") == [(56,)]


def test_a_long_list_of_those_concerned_has_pages(
    staff: Browser, sam: Staff, school: School, course: Course
) -> None:
    page = f"/staff/jobs/{sam.cancel_session(course.sessions[0], dry_run=True)}"
    student = school.person(name="Ada")
    one = {"student_id": student, "booking_id": 1, "outcome": "CANCELLED", "alternatives": []}
    with school.engine.begin() as db:
        db.execute(
            update(BookingJob).values(
                status=JobStatus.SUCCEEDED,
                decided_at=school.now,
                result={"dry_run": True, "affected": [one] * 120},
            )
        )

    first = staff.get(page)
    assert len(first.data) < 100_000
    assert "120 students" in first.text
    assert first.text.count(f'href="/staff/students/{student}"') == 50
    assert "?after=50" in first.text
    last = staff.get(f"{page}?after=100").text
    assert last.count(f'href="/staff/students/{student}"') == 20
    assert "Next page" not in last


def test_flower_is_linked_where_the_readers_machine_is_the_servers(
    staff: Browser, web_application: Flask
) -> None:
    settings = web_application.extensions[SETTINGS]
    assert f'href="{settings.flower_url}/"' in staff.get("/staff/jobs").text
    web_application.extensions[SETTINGS] = replace(settings, host="0.0.0.0")
    try:
        html = staff.get("/staff/jobs").text
    finally:
        web_application.extensions[SETTINGS] = settings
    assert "tunnel" in html
    assert f'href="{settings.flower_url}/"' not in html
