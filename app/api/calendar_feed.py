"""The private calendar feed: whoever has its address reads it, with no other login."""

from flask import Response

from app.api.blueprint import ApiBlueprint
from app.api.collaborators import current_settings, request_db
from app.api.header_docs import CACHE_CONTROL, CONTENT_DISPOSITION
from app.api.problem import Problem
from app.clock import utc_now
from models.calendar_entries import feed_entries
from models.user_token import TokenPurpose
from models.user_tokens import user_of
from tasks.letterhead import Letterhead

CONTENT_TYPE = "text/calendar; charset=utf-8"

calendar_feed = ApiBlueprint(
    "calendar feed",
    url_prefix="/api/calendar",
    description="One's sessions for calendar programs; the address is the login.",
    public=True,
)


@calendar_feed.get("/<token:token>.ics")
@calendar_feed.conditional
@calendar_feed.response(
    200,
    {"type": "string"},
    content_type="text/calendar",
    headers={"Content-Disposition": CONTENT_DISPOSITION, "Cache-Control": CACHE_CONTROL},
)
@calendar_feed.alt_response(503, "SERVICE_UNAVAILABLE")
def read_calendar(token: str) -> Response:
    """Give the seats that the address' owner holds, from 90 days ago on (RFC 5545).

    An address that was replaced is answered like one that never was.
    """
    # at first use: 10 MB that a process needs only when it is asked for a feed
    from tasks.calendars.files import write_feed  # noqa: PLC0415 - as above

    db = request_db()
    user_id = user_of(db, token, TokenPurpose.CALENDAR)
    if user_id is None:
        raise Problem("not_found")
    settings = current_settings()
    letterhead = Letterhead(settings.mail_from, settings.public_url)
    entries = feed_entries(db, user_id, utc_now(), settings.policy)
    feed = write_feed(entries, letterhead)
    response = Response(feed, content_type=CONTENT_TYPE)
    response.headers["Content-Disposition"] = 'attachment; filename="sessions.ics"'
    return response
