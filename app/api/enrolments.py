"""What the student bought: their packages, and what each step can be or waits to be booked into."""

from typing import Any

from sqlalchemy import Connection

from app.api.auth import current_person
from app.api.blueprint import ApiBlueprint
from app.api.collaborators import current_settings, request_db
from app.api.pages import page
from app.api.problem import Problem
from app.api.schemas.enrolments import EnrolmentSchema
from app.api.schemas.offers import CourseStepSessionOptionSchema, UnbookedCourseStepSchema
from app.api.schemas.requests import SessionListQuerySchema
from app.api.schemas.waitlist import WaitlistHistorySchema, WaitlistQuerySchema
from app.clock import utc_now
from models import enrolments as packages
from models.offers import Offer
from models.own_steps import owns_step
from models.step_sessions import sessions_of_step
from models.waitlist_history import waitlist_history

enrolments = ApiBlueprint(
    "enrolments",
    url_prefix="/api/students/me/course-packages",
    description="The student's course packages.",
)


@enrolments.get("")
@enrolments.response(200, EnrolmentSchema(many=True))
def own_packages() -> list[dict[str, Any]]:
    """List one's course packages with each step, its booking and its session."""
    return packages.enrolments(
        request_db(), current_person().id, utc_now(), current_settings().policy
    )


@enrolments.get("/<id:package_id>/unbooked-steps")
@enrolments.response(200, UnbookedCourseStepSchema(many=True))
def unbooked_steps(package_id: int) -> list[dict[str, Any]]:
    """List the steps still to be booked, each with its coming sessions."""
    db, user_id = request_db(), current_person().id
    if not packages.owns_package(db, user_id, package_id):
        raise Problem("not_found")
    return packages.unbooked_steps(db, user_id, package_id, utc_now(), current_settings().policy)


@enrolments.get("/<id:package_id>/steps/<id:step_id>/sessions")
@enrolments.arguments(SessionListQuerySchema, location="query")
@enrolments.response(200, CourseStepSessionOptionSchema(many=True))
def step_sessions(query: dict[str, Any], package_id: int, step_id: int) -> list[Offer]:
    """List the coming sessions of a step, booked or not, the earliest first."""
    db = _own_step(package_id, step_id)
    return sessions_of_step(
        db,
        package_id,
        step_id,
        utc_now(),
        current_settings().policy,
        starts_from=query.get("from_"),
        starts_before=query.get("to"),
        limit=query["limit"],
    )


@enrolments.get("/<id:package_id>/steps/<id:step_id>/waitlist")
@enrolments.arguments(WaitlistQuerySchema, location="query")
@enrolments.response(200, WaitlistHistorySchema)
def step_waitlist(query: dict[str, Any], package_id: int, step_id: int) -> dict[str, Any]:
    """List all places that one had on waitlists for a step, the newest first."""
    db, limit = _own_step(package_id, step_id), query["limit"]
    (before_id,) = query.get("cursor", (None,))
    found = waitlist_history(db, package_id, step_id, before_id=before_id, limit=limit + 1)
    return page(found, limit, lambda entry: (entry["id"],))


def _own_step(package_id: int, step_id: int) -> Connection:
    """The database, once it says that package and step are one's own; raises Problem 404."""
    db = request_db()
    if not owns_step(db, current_person().id, package_id, step_id):
        raise Problem("not_found")
    return db
