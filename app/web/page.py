"""Renders a page: in its reader's language, by their clocks, under a policy without exceptions."""

from typing import Any

from flask import Response, make_response, redirect, render_template, request

from app.api.etag import conditional
from app.web.places import places
from app.web.reader import Reader, current_reader
from app.web.script_words import script_words

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def render(template: str, status: int = 200, **words: Any) -> Response:
    """The page that this template of `templates/pages` makes of these words.

    Its address changes nothing: a script that looks again is told 304 as long as nothing changed.
    """
    reader = words.pop("reader", None) or current_reader()
    html = render_template(f"pages/{template}", **_common(reader), **words)
    response = make_response(html, status)
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["Content-Language"] = reader.language.tag
    # with "no-referrer", browsers would name no origin of a form either
    response.headers["Referrer-Policy"] = "same-origin"
    response.vary.update(("Cookie", "Accept-Language"))
    return conditional(response)


def see_other(path: str) -> Response:
    """Go on to this page: what was posted isn't posted again by a reload (RFC 9110 15.4.4)."""
    response: Response = redirect(path, 303)  # type: ignore[assignment]  # werkzeug's wider type
    return response


def _common(reader: Reader) -> dict[str, Any]:
    language = reader.language
    return {
        "reader": reader,
        "language": language,
        "_": language.gettext,
        "gettext": language.gettext,
        "ngettext": language.ngettext,
        "places": places(reader),
        "words": script_words(reader),
        "path": request.path,
    }
