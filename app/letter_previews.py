"""`/preview/letters`: every letter with made-up facts, to look at while templates are written.

Only for whoever develops: registered where mail goes to the Maildir and only this machine is
answered. What letters are made of is loaded at the first look. With `?code=`, the letter that says
a request was refused says this reason.
"""

from flask import Blueprint, Flask, Response, abort, make_response, render_template, request

from app.clock import utc_now
from app.setting_values import LOOPBACK
from app.settings import Settings
from models.letter_topics import LetterTopic
from models.refusal import SENTENCES, RefusalCode
from tasks.letterhead import Letterhead

# the styles of a letter stand in its elements; nothing else may come from anywhere
_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
_TOPICS = sorted(LetterTopic)
_FORMATS = ("html", "text")


def register_letter_previews(app: Flask, settings: Settings) -> None:
    """Serve the pages where nobody else can see them; elsewhere do nothing."""
    if settings.smtp_url is not None or settings.host not in LOOPBACK:
        return
    letterhead = Letterhead(settings.mail_from, settings.public_url)
    previews = Blueprint("letter_previews", __name__, template_folder="templates")
    previews.add_url_rule("/preview/letters", "listed", _list)
    previews.add_url_rule("/preview/letters/<topic>", "one", lambda topic: _show(topic, letterhead))
    app.register_blueprint(previews)


def _list() -> Response:
    from tasks.wording.languages import languages  # noqa: PLC0415 - at the first look

    return _answer(
        render_template(
            "letter_previews.html",
            topics=_TOPICS,
            languages=languages(),
            formats=_FORMATS,
        ),
        "text/html",
    )


def _show(topic: str, letterhead: Letterhead) -> Response:
    # at first use, as in tasks/mail.py
    from tasks.letters.samples import refused, sample  # noqa: PLC0415 - as above
    from tasks.letters.writing import render_letter  # noqa: PLC0415 - as above
    from tasks.wording.languages import nearest  # noqa: PLC0415 - at the first look

    form, code = request.args.get("format", "html"), request.args.get("code")
    if topic not in _TOPICS or form not in _FORMATS or code not in {None, *SENTENCES}:
        abort(404)
    now, language = utc_now(), nearest(request.args.get("language", ""))
    order = refused(RefusalCode[code.upper()], now) if code else sample(topic, now)
    letter = render_letter(order, letterhead, language, now)
    if form == "html":
        return _answer(letter.html, "text/html")
    return _answer(f"Subject: {letter.subject}\n\n{letter.text}", "text/plain")


def _answer(said: str, content_type: str) -> Response:
    response = make_response(said)
    response.content_type = f"{content_type}; charset=utf-8"
    response.headers["Content-Security-Policy"] = _POLICY
    return response
