"""The page that ends the reminders, in the language nearest to its reader.

Whoever imports this loads Babel.
"""

from flask import Response, make_response, render_template, request

from tasks.wording.languages import asked_for

_POLICY = (
    "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)


def page(locale: str, *, done: bool) -> Response:
    """The question, or the answer when it is `done`; `locale` is the person's own, as `de-AT`."""
    language = asked_for(request.accept_languages.values(), locale)
    html = render_template(
        "unsubscribe.html", language=language, gettext=language.gettext, done=done
    )
    response = make_response(html)
    response.headers["Content-Security-Policy"] = _POLICY
    response.headers["Content-Language"] = language.tag
    response.vary.update(("Accept", "Accept-Language"))
    return response
