"""What browsers are told: which sites may call the API, and what not to guess or embed."""

from flask import Flask, Response, request

ALLOWED_METHODS = "GET, HEAD, POST, PATCH, DELETE"
ALLOWED_HEADERS = "Authorization, Content-Type, Idempotency-Key, If-None-Match, Prefer"
EXPOSED_HEADERS = (
    "Content-Disposition, ETag, Idempotency-Replayed, Location, Preference-Applied, Retry-After, "
    "WWW-Authenticate, X-Request-Id"
)
_PREFLIGHT_SECONDS = 600
_SHARED = ("/api/", "/assets/")
"""What other sites may use: the API, and `thrive.js`, which calls it for them."""


def register_browser_rules(app: Flask, cors_origins: tuple[str, ...], *, https: bool) -> None:
    """Add security headers to every answer, and CORS headers for the origins listed.

    A view that needs another policy (a page with scripts) sets its own header first.
    """

    @app.after_request
    def _rules(response: Response) -> Response:
        _protect(response, https=https)
        if request.path.startswith(_SHARED) and cors_origins:
            _allow_origin(response, cors_origins)
        return response


def _protect(response: Response, *, https: bool) -> None:
    headers = response.headers
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "no-referrer")
    headers.setdefault("X-Frame-Options", "DENY")
    headers.setdefault("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
    headers.setdefault("Cache-Control", "no-store")
    if https:
        headers.setdefault("Strict-Transport-Security", "max-age=31536000")


def _allow_origin(response: Response, origins: tuple[str, ...]) -> None:
    """Name the origin when it is on the list; the answer differs by origin, so caches must too.

    Credentials are allowed because the plan's client sends them. Our own cookie is none: with
    another origin it doesn't count (`app.api.same_origin`).
    """
    response.vary.add("Origin")
    origin = request.headers.get("Origin")
    if origin not in origins:
        return
    response.headers["Access-Control-Allow-Origin"] = origin
    response.headers["Access-Control-Allow-Credentials"] = "true"
    response.headers["Access-Control-Expose-Headers"] = EXPOSED_HEADERS
    if request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers:
        response.headers["Access-Control-Allow-Methods"] = ALLOWED_METHODS
        response.headers["Access-Control-Allow-Headers"] = ALLOWED_HEADERS
        response.headers["Access-Control-Max-Age"] = str(_PREFLIGHT_SECONDS)
