"""What the student bought: their packages, and the steps still to be booked."""

from typing import Any

from app.api.auth import current_person
from app.api.blueprint import ApiBlueprint
from app.api.collaborators import request_db
from app.api.problem import Problem
from app.api.schemas.enrolments import EnrolmentSchema
from app.api.schemas.offers import UnbookedCourseStepSchema
from app.clock import utc_now
from models import enrolments as packages

enrolments = ApiBlueprint(
    "enrolments",
    url_prefix="/api/students/me/course-packages",
    description="The student's course packages.",
)


@enrolments.get("")
@enrolments.response(200, EnrolmentSchema(many=True))
def own_packages() -> list[dict[str, Any]]:
    """List one's course packages with each step, its booking and its session."""
    return packages.enrolments(request_db(), current_person().id)


@enrolments.get("/<id:package_id>/unbooked-steps")
@enrolments.response(200, UnbookedCourseStepSchema(many=True))
def unbooked_steps(package_id: int) -> list[dict[str, Any]]:
    """List the steps still to be booked, each with its coming sessions."""
    db, user_id = request_db(), current_person().id
    if not packages.owns_package(db, user_id, package_id):
        raise Problem("not_found")
    return packages.unbooked_steps(db, user_id, package_id, utc_now())
