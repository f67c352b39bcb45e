"""The private address of one's sessions, for calendar programs."""

from flask import Response

from app.api.auth import current_user_id
from app.api.collaborators import request_db
from app.api.own_calendar import feed_url
from app.clock import utc_now
from app.web.page import render, see_other
from models.user_token import TokenPurpose
from models.user_tokens import rotate as rotate_token
from models.user_tokens import token_of


def show_calendar() -> Response:
    """Show the feed's address; it is made at the first look."""
    token = token_of(request_db(), current_user_id(), TokenPurpose.CALENDAR, utc_now())
    return render("student/calendar.html", url=feed_url(token))


def rotate() -> Response:
    """Give the feed another address; nothing is found under the old one any more."""
    rotate_token(request_db(), current_user_id(), TokenPurpose.CALENDAR, utc_now())
    return see_other("/calendar")
