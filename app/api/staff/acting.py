"""Who does what staff do at once, for the audit log."""

from flask import request

from app.api.auth import current_user_id
from app.clock import utc_now
from models.auditing import Actor


def current_actor() -> Actor:
    """Return who is asking, from where and when."""
    return Actor(current_user_id(), request.remote_addr or "unknown", utc_now())
