"""Whether a browser's request comes from our own pages (OWASP: fetch metadata, else the origin).

A cookie is sent whoever wrote the form, so where it is the login, what changes something has to
come from here. Browsers say where a request comes from in `Sec-Fetch-Site`, older ones in `Origin`
alone; neither can be set by a page.
"""

from urllib.parse import urlsplit

from flask import Request

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_OWN = frozenset({"same-origin", "none"})


def is_own(request: Request, public_url: str) -> bool:
    """Whether the request was made by a page of this site, or follows a link and changes nothing.

    What another site's script asks for names its origin, also where nothing is changed: its reader
    may be allowed to call us (CORS), but not by this site's cookie.
    """
    origin = request.headers.get("Origin")
    own = {_origin(public_url), _origin(request.host_url)}
    if request.method in SAFE_METHODS:
        return origin is None or origin in own
    site = request.headers.get("Sec-Fetch-Site")
    return site in _OWN if site is not None else origin in own


def comes_from(request: Request, *urls: str | None) -> bool:
    """Whether the request was made by a page of one of these sites."""
    origins = {_origin(url) for url in urls if url is not None}
    return request.headers.get("Origin") in origins


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
