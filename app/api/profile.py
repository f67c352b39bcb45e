"""One's own profile."""

from typing import Any

from app.api.auth import current_person
from app.api.blueprint import ApiBlueprint
from app.api.collaborators import request_db
from app.api.problem import Problem
from app.api.schemas.profile import ProfileChangeRequestSchema, ProfileSchema
from models.people import Person, find_person
from models.profile import change_profile

profile = ApiBlueprint(
    "profile", url_prefix="/api/students/me", description="Who is signed in, whatever their role."
)


@profile.get("")
@profile.response(200, ProfileSchema)
def own_profile() -> Person:
    """Show one's profile."""
    return current_person()


@profile.patch("")
@profile.arguments(ProfileChangeRequestSchema)
@profile.response(200, ProfileSchema)
def change_own_profile(body: dict[str, Any]) -> Person:
    """Change one's name, time zone, language or whether reminders are sent."""
    db, user_id = request_db(), current_person().id
    change_profile(db, user_id, body)
    person = find_person(db, user_id)
    if person is None:
        raise Problem("not_found")
    return person
