"""The first page: one's courses, their steps in order, and where each stands."""

from flask import Response

from app.api.auth import current_person
from app.web.page import render, see_other
from app.web.reader import current_reader
from app.web.student.own import own_packages
from models.people import Role


def show_courses() -> Response:
    """Show a student's packages; staff and teachers go on to the sessions."""
    if current_person().role != Role.STUDENT:
        return see_other("/staff/sessions")
    reader = current_reader()
    return render("student/courses.html", reader=reader, packages=own_packages(reader))
