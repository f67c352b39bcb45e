"""Who may see what under `/api/admin`."""

from app.api.auth import current_person
from models.people import Role

STAFF = (Role.STAFF, Role.ADMIN)
"""The roles that may see and do everything."""
STAFF_AND_TEACHERS = (*STAFF, Role.TEACHER)
"""The roles that may see a class list; teachers those of their own classes."""


def only_taught_by() -> int | None:
    """The teacher whose classes alone the person may see, or None when they may see all."""
    person = current_person()
    return person.id if person.role == Role.TEACHER else None
