"""Finding a student, and where each step of their packages stands."""

from flask import Response, request

from app.api.collaborators import current_settings, request_db
from app.api.problem import Problem
from app.api.schemas.staff.students import StudentListSchema, StudentQuerySchema
from app.api.staff.students import page_of_students
from app.web.page import render
from app.web.reader import current_reader
from app.web.staff.listing import NOTHING, asked, later_page
from app.web.student.own import state_of
from models.enrolments import enrolments
from models.people import find_person

_QUERY = StudentQuerySchema()


def find_students() -> Response:
    """Show the students whose name or address contains what was searched for."""
    reader = current_reader()
    wanted = asked(_QUERY, reader)
    found = NOTHING if wanted.faults else page_of_students(wanted.query)
    return render(
        "staff/students.html",
        wanted.status,
        reader=reader,
        students=found["items"],
        searched=request.args.get("q", "").strip(),
        faults=wanted.faults,
        later=later_page(found, StudentListSchema),
    )


def show_student(student_id: int) -> Response:
    """Show a student's packages and what can be booked for them."""
    reader, db = current_reader(), request_db()
    student = find_person(db, student_id)
    if student is None:
        raise Problem("not_found")
    packages = enrolments(db, student_id, reader.now, current_settings().policy)
    for package in packages:
        for step in package["steps"]:
            step["state"] = state_of(step, reader.now)
    return render("staff/student.html", reader=reader, student=student, packages=packages)
