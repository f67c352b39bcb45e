"""Ending the reminders with one click (RFC 8058): the address in a mail is the login.

Mail programs send the POST by themselves. A person who opens the address gets a page with a button
that does: programs that scan mail follow every link in it, so a GET changes nothing.
"""

from typing import Any

from flask import Response, request

from app.api.blueprint import ApiBlueprint
from app.api.body import read_body
from app.api.collaborators import request_db
from app.api.problem import Problem
from app.api.schemas.unsubscribing import UnsubscribedSchema
from models.people import Person, find_person
from models.profile import change_profile
from models.user_token import TokenPurpose
from models.user_tokens import user_of

unsubscribing = ApiBlueprint(
    "unsubscribing",
    url_prefix="/api/unsubscribe",
    description="Ending one's reminders from a mail; the address is the login.",
    public=True,
)

_HTML = "text/html"
_ONE_CLICK = {
    "description": "What mail programs send; nothing of it is looked at, and it may be left out.",
    "examples": [{"List-Unsubscribe": "One-Click"}],
}
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
_PAGE = {_HTML: {"schema": {"type": "string"}}}


@unsubscribing.get("/<token:token>")
@unsubscribing.response(200, {"type": "string"}, content_type=_HTML)
@unsubscribing.alt_response(503, "SERVICE_UNAVAILABLE")
def ask_to_unsubscribe(token: str) -> Response:
    """Show the page with the button that ends the reminders; changes nothing."""
    return _page(_owner(token), done=False)


@unsubscribing.post("/<token:token>")
@unsubscribing.response(200, UnsubscribedSchema)
@unsubscribing.alt_response(400, "BAD_REQUEST")
@unsubscribing.alt_response(503, "SERVICE_UNAVAILABLE")
@unsubscribing.doc(
    requestBody={"content": {form: {"schema": _ONE_CLICK} for form in _FORMS}},
    responses={200: {"content": _PAGE}},
)
def unsubscribe(token: str) -> Response | dict[str, Any]:
    """End the reminders of the address' owner; again, it changes nothing more.

    The body may be of any type, or none (RFC 8058, 3.2). Answers a page to whoever prefers one.
    """
    read_body(request)
    person = _owner(token)
    change_profile(request_db(), person.id, {"reminders": False})
    preferred = request.accept_mimetypes.best_match(["application/json", _HTML])
    return _page(person, done=True) if preferred == _HTML else {"reminders": False}


def _owner(token: str) -> Person:
    """Whose address it is; raises Problem 404 where it is nobody's (any more)."""
    db = request_db()
    user_id = user_of(db, token, TokenPurpose.UNSUBSCRIBE)
    person = None if user_id is None else find_person(db, user_id)
    if person is None:
        raise Problem("not_found")
    return person


def _page(person: Person, *, done: bool) -> Response:
    # most web processes never show it, and need no catalogs in memory
    from app.api.unsubscribe_page import page  # noqa: PLC0415 - as above

    return page(person.locale, done=done)
