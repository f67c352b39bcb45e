"""The cookie that signs a browser in to the pages: it holds the same token as programs send.

No script can read it, no other site's form sends it (`SameSite=Lax`; `app.api.same_origin` looks
once more), and it ends with the token.
"""

from datetime import datetime

from flask import Request, Response

NAME = "thrive_token"


def cookie_token(request: Request) -> str | None:
    """The token of the request's cookie, or None."""
    return request.cookies.get(NAME)


def sign_in(response: Response, token: str, ends_at: datetime, *, https: bool) -> None:
    """Have the browser keep this token until `ends_at`, when it expires anyway."""
    response.set_cookie(
        NAME, token, expires=ends_at, secure=https, httponly=True, samesite="Lax", path="/"
    )


def sign_out(response: Response, *, https: bool) -> None:
    """Have the browser forget its token."""
    response.delete_cookie(NAME, secure=https, httponly=True, samesite="Lax", path="/")
