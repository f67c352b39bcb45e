"""The event log."""

from typing import Any

from app.api.blueprint import ApiBlueprint
from app.api.collaborators import request_db
from app.api.pages import page
from app.api.schemas.staff.events import EventListSchema, EventQuerySchema
from app.api.staff.rights import STAFF
from models import event_listing

events = ApiBlueprint(
    "events", url_prefix="/api/admin/events", description="For staff: what happened, in order."
)


@events.get("")
@events.roles(*STAFF)
@events.arguments(EventQuerySchema, location="query")
@events.response(200, EventListSchema)
def read_events(query: dict[str, Any]) -> dict[str, Any]:
    """List events by their position, the oldest first; a reader who goes on misses none."""
    limit = query["limit"]
    found = event_listing.list_events(
        request_db(), after=query["after"], limit=limit + 1, only_type=query.get("type")
    )
    return page(found, limit, lambda event: event.cursor)
