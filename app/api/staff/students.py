"""Finding students."""

from typing import Any

from app.api.blueprint import ApiBlueprint
from app.api.collaborators import request_db
from app.api.pages import page
from app.api.schemas.staff.students import StudentListSchema, StudentQuerySchema
from app.api.staff.rights import STAFF
from models.student_search import search_students

staff_students = ApiBlueprint(
    "staff-students", url_prefix="/api/admin/students", description="For staff: students."
)


@staff_students.get("")
@staff_students.roles(*STAFF)
@staff_students.arguments(StudentQuerySchema, location="query")
@staff_students.response(200, StudentListSchema)
def find_students(query: dict[str, Any]) -> dict[str, Any]:
    """List students by id: all, or those whose name or address contains `q`."""
    return page_of_students(query)


def page_of_students(query: dict[str, Any]) -> dict[str, Any]:
    """A page of the students that a query asks for."""
    limit = query["limit"]
    (after_id,) = query.get("cursor", (None,))
    found = search_students(request_db(), query.get("q"), after_id=after_id, limit=limit + 1)
    return page(found, limit, lambda student: (student.id,))
