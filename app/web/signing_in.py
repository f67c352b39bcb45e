"""Signing in to the pages, and out again.

The token is an identity provider's: its page posts it here (`token`, and `next`, the page to go on
to). On the demo's machine one of the demo's people is chosen instead.
"""

from datetime import datetime, timedelta
from urllib.parse import urlencode

from flask import Response, request

from app.api.collaborators import current_settings, request_db
from app.api.problem import Problem
from app.api.same_origin import comes_from, is_own
from app.api.sign_in_cookie import sign_in, sign_out
from app.clock import utc_now
from app.jwks import KeysUnavailable
from app.tokens import InvalidToken, issue_token, read_token, token_ends_at
from app.web.demo_logins import demo_logins
from app.web.own_path import own_path
from app.web.page import render, see_other
from models.people import find_person_by_email

LONGEST_TOKEN = 3800
"""In characters. Browsers drop a cookie of more than 4096 bytes, name and attributes included."""
DEMO_LIFETIME = timedelta(hours=12)


def ask_to_sign_in() -> Response:
    """Show how to sign in, and lead to `next` afterwards."""
    settings, after = current_settings(), own_path(request.args.get("next"))
    return render(
        "sign_in.html",
        logins=demo_logins(settings, request),
        sign_in_url=_school_address(settings.sign_in_url, after),
        next=after,
        has_ended=request.args.get("why") == "invalid_token",
    )


def hand_over() -> Response:
    """Keep the token that the page of the school's identity provider posts, or ours."""
    settings, now = current_settings(), utc_now()
    if not is_own(request, settings.public_url) and not comes_from(request, settings.sign_in_url):
        raise Problem("cross_site")
    token = request.form.get("token") or _demo_token(request.form.get("email", ""), now)
    if len(token) > LONGEST_TOKEN:
        raise Problem("bad_request", "The token is longer than browsers keep cookies.")
    try:
        read_token(settings, token, now)
    except InvalidToken as error:
        raise Problem("invalid_token", str(error)) from error
    except KeysUnavailable as error:
        raise Problem("sign_in_unavailable") from error
    answer = see_other(own_path(request.form.get("next")))
    sign_in(answer, token, token_ends_at(settings, token), https=settings.https)
    return answer


def leave() -> Response:
    """Forget the token and the pages that it opened, and go back to the beginning."""
    settings = current_settings()
    if not is_own(request, settings.public_url):
        raise Problem("cross_site")
    answer = see_other("/sign-in")
    sign_out(answer, https=settings.https)
    # else whoever uses the browser next reads them by its "back" button
    answer.headers["Clear-Site-Data"] = '"cache"'
    return answer


def _school_address(url: str | None, after: str) -> str | None:
    """The school's own sign-in page, told which page its visitor wants to go on to."""
    return None if url is None else f"{url}?{urlencode({'next': after})}"


def _demo_token(email: str, now: datetime) -> str:
    """A token of one of the demo's people; raises Problem 401 for anybody else."""
    settings = current_settings()
    if email not in {login["email"] for login in demo_logins(settings, request)}:
        raise Problem("not_signed_in")
    person = find_person_by_email(request_db(), email)
    if person is None:
        raise Problem("not_signed_in")
    return issue_token(settings, person.id, DEMO_LIFETIME, now)
