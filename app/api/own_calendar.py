"""The address of one's own calendar feed, and another one in its place."""

from typing import Any

from app.api.auth import current_user_id
from app.api.blueprint import ApiBlueprint
from app.api.collaborators import current_settings, request_db
from app.api.schemas.calendar import CalendarSchema
from app.api.schemas.requests import NoBodySchema
from app.clock import utc_now
from models.user_token import TokenPurpose
from models.user_tokens import rotate, token_of

own_calendar = ApiBlueprint(
    "own calendar",
    url_prefix="/api/students/me/calendar",
    description="A private address of one's sessions, for calendar programs.",
)


@own_calendar.get("")
@own_calendar.response(200, CalendarSchema)
def show_calendar() -> dict[str, str]:
    """Show the address of one's calendar feed; it is made at the first ask."""
    token = token_of(request_db(), current_user_id(), TokenPurpose.CALENDAR, utc_now())
    return {"url": feed_url(token)}


@own_calendar.post("/rotate")
@own_calendar.arguments(NoBodySchema, required=False)
@own_calendar.response(200, CalendarSchema)
def rotate_calendar(_body: dict[str, Any]) -> dict[str, str]:
    """Give the feed another address; nothing is found under the old one any more."""
    token = rotate(request_db(), current_user_id(), TokenPurpose.CALENDAR, utc_now())
    return {"url": feed_url(token)}


def feed_url(token: str) -> str:
    """The address of the calendar feed that this token opens."""
    return f"{current_settings().public_url}/api/calendar/{token}.ics"
