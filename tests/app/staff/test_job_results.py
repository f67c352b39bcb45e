"""What a job of each kind results in, as all staff see it."""

from typing import Any

from flask.testing import FlaskClient

from app.settings import Settings
from models.booking_job import JobKind
from models.round import Decider
from tests.app.deeds import REASON, Deeds, times
from tests.app.job_shapes import AFFECTED, BOOKING, ENTRY, JOB, PROGRESS, SESSION, check_wire
from tests.app.students import Student, decide
from tests.app.visitors import Visitor
from tests.school import DAY

OF_STEP = {"booking": BOOKING, "progress": PROGRESS}
OF_SESSION = {"session": SESSION, "affected": [AFFECTED]}
SHAPES: dict[str, dict[str, Any]] = {
    "BOOK_STEP": OF_STEP,
    "CHANGE_STEP": OF_STEP,
    "CANCEL_STEP": OF_STEP | {"success": True},
    "BULK_BOOK": {
        "bookings": [set(OF_STEP)],
        "autoBooked": [],
        "manualSelections": [],
        "failures": [],
    },
    "JOIN_WAITLIST": {"waitlistEntry": ENTRY},
    "LEAVE_WAITLIST": {"success": True, "left": []},
    "PROMOTE": {
        "promoted": [{"waitlistEntryId", "bookingId"}],
        "skipped": [{"waitlistEntryId", "code"}],
    },
    "BOOK_SEAT": {"booking": BOOKING, "progress": None},
    "ADD_SESSION": {"session": SESSION},
    "CANCEL_SESSION": OF_SESSION,
    "MOVE_SESSION": OF_SESSION,
    "SET_CAPACITY": OF_SESSION | {"affected": []},
    "MARK_ATTENDANCE": {"bookings": [set(OF_STEP)]},
    "CANCEL_PACKAGE": {"affected": []},
}
"""The members of each result: a set names those of an object, a list holds those of its items."""
LISTS = {
    (kind, name)
    for kind, shape in SHAPES.items()
    for name, inner in shape.items()
    if isinstance(inner, list) and inner
}


def check_member(found: Any, wanted: Any) -> None:
    if isinstance(wanted, set):
        assert set(found) == wanted
    elif isinstance(wanted, list):
        assert isinstance(found, list)
        assert all(set(item) == members for item in found for members in wanted)
    else:
        assert found is wanted


def test_a_result_of_every_kind_has_its_shape(
    student: Student, client: FlaskClient, settings: Settings, staff: Visitor, decider: Decider
) -> None:
    do, course = Deeds(staff, decider), student.course
    school, first = course.school, course.sessions[0]
    option = {"courseStepOptionId": course.option}
    there = option | {"sessionId": first}
    waiting, skipped = (Student(client, settings, course) for _ in range(2))

    def call(who: Student, name: str, body: Any = None) -> None:
        assert who.call(name, body).status_code == 202
        decide(decider)

    call(student, "bulk", student.usual_body("bulk"))
    call(skipped, "join", there)
    do(f"/packages/{skipped.package}/cancel", REASON)
    call(waiting, "join", there)
    call(waiting, "leave")
    call(skipped, "join", there)
    later = do.result(f"/group-classes/{course.group_class}/sessions", times(school.now + 9 * DAY))
    call(student, "change", option | {"sessionId": later["session"]["id"]})
    call(student, "cancel")
    call(student, "book", there)
    conflicting = Student(client, settings, course)
    call(conflicting, "join", there)
    call(waiting, "join", there)
    overlapping = school.session(school.group_class(), 3 * DAY)
    seat = {"bookingType": "DROP_IN", "userId": conflicting.id, "sessionId": overlapping}
    do.result("/bookings", seat)
    call(student, "cancel")
    do.result(f"/sessions/{first}/capacity", {"capacityMax": 2} | REASON)
    (booking,) = staff.ids("/api/admin/bookings", sessionId=first, status="CONFIRMED")
    marks = {"marks": [{"bookingId": booking, "status": "NO_SHOW"}]}
    do.result(f"/sessions/{first}/attendance", marks)
    do.result(f"/sessions/{first}/move", times(school.now + 20 * DAY) | REASON)
    do.result(f"/sessions/{first}/cancel", REASON)

    seen = staff.items("/api/admin/jobs", status="SUCCEEDED", limit=200)
    assert {job["kind"] for job in seen} == set(JobKind) == set(SHAPES)
    for job in seen:
        assert set(job) == {*JOB, "userId", "submittedBy", "sessionId", "packageId", "stepId"}
        check_wire(job)
        assert set(job["result"]) == set(SHAPES[job["kind"]])
        for name, wanted in SHAPES[job["kind"]].items():
            check_member(job["result"][name], wanted)
    shown = {(job["kind"], name) for job in seen for name, found in job["result"].items() if found}
    assert shown >= LISTS
