"""The page that ends the reminders, in the language nearest to its reader.

Whoever imports this loads Babel.
"""

from flask import Response, make_response, render_template, request
from werkzeug.datastructures import LanguageAccept

from tasks.wording.languages import Language, languages, nearest

_POLICY = (
    "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)


def page(locale: str, *, done: bool) -> Response:
    """The question, or the answer when it is `done`; `locale` is the person's own, as `de-AT`."""
    language = _language(request.accept_languages, locale)
    html = render_template(
        "unsubscribe.html", language=language, gettext=language.gettext, done=done
    )
    response = make_response(html)
    response.headers["Content-Security-Policy"] = _POLICY
    response.headers["Content-Language"] = language.tag
    response.vary.update(("Accept", "Accept-Language"))
    return response


def _language(accepted: LanguageAccept, locale: str) -> Language:
    """The language that the browser asks for, else the person's own, else English."""
    tags = [name.replace("_", "-") for name in languages()]
    return nearest(accepted.best_match(tags) or locale)
