"""Who is asking: a bearer token (RFC 6750) or the pages' cookie, and the user's row behind it."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from typing import ParamSpec, TypeVar, cast

from flask import Flask, Request, Response, g, request

from app.api.collaborators import current_settings, request_db
from app.api.problem import Problem, problem_response
from app.api.same_origin import is_own
from app.api.sign_in_cookie import cookie_token
from app.jwks import KeysUnavailable
from app.tokens import InvalidToken, read_token
from models.people import Person, Role, UnknownPerson, find_person

P = ParamSpec("P")
R = TypeVar("R")

REALM = 'Bearer realm="thrive"'


def require_sign_in() -> None:
    """Find out who is asking, for `current_person`; a browser's preflight asks for nobody.

    Raises Problem: 401, or 503 while tokens or users can't be looked up.
    """
    if request.method != "OPTIONS":
        require_token()
        current_person()


def require_token() -> None:
    """The same, but whether that person still exists is left to the view's own first statement.

    It has to raise UnknownPerson where they don't.
    """
    if request.method != "OPTIONS":
        g.user_id = bearer_id(request)


def bearer_id(request: Request) -> int:
    """Return the id of the user whose token the request bears; raises Problem 401, 403 or 503."""
    now = datetime.now(UTC)
    try:
        return read_token(current_settings(), sent_token(request), now)
    except InvalidToken as error:
        raise _refused(str(error)) from error
    except KeysUnavailable as error:
        raise Problem("sign_in_unavailable") from error


def sent_token(request: Request) -> str:
    """Return the token of the Authorization header, else that of our pages' cookie.

    Raises Problem: 401 where there is neither, 403 where another site makes use of the cookie.
    """
    token = cookie_token(request)
    if token is None or "Authorization" in request.headers:
        return bearer_token(request)
    if not is_own(request, current_settings().public_url):
        raise Problem("cross_site")
    return token


def bearer_token(request: Request) -> str:
    """Return the token of the Authorization header; raises Problem 401 where there is none."""
    header = request.headers.get("Authorization", "")
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer":
        raise Problem("not_signed_in", headers={"WWW-Authenticate": REALM})
    return token.strip(" ")


def _refused(reason: str) -> Problem:
    challenge = f'{REALM}, error="invalid_token", error_description="{reason}"'
    return Problem("invalid_token", reason, headers={"WWW-Authenticate": challenge})


def current_user_id() -> int:
    """Return the id of who is asking, in a view of a blueprint that isn't public."""
    return cast(int, g.user_id)


def current_person() -> Person:
    """Return who is asking, in a view of a blueprint that isn't public; raises UnknownPerson."""
    if "person" not in g:
        person = find_person(request_db(), current_user_id())
        if person is None or person.is_erased:
            raise UnknownPerson
        g.person = person
    return cast(Person, g.person)


def register_unknown_person(app: Flask) -> None:
    """Answer a 401 to whoever bears a valid token of somebody who was deleted."""

    @app.errorhandler(UnknownPerson)
    def _answer(_: UnknownPerson) -> Response:
        return problem_response(_refused("The token's user does not exist any more."))


def require_role(*roles: Role) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Let only people in one of these roles into a view; raises Problem 403 for others."""

    def decorator(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            if current_person().role not in roles:
                raise Problem("forbidden")
            return view(*args, **kwargs)

        return guarded

    return decorator
