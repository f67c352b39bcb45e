"""Every page and its address. A page is loaded when it is first asked for.

Pages need Babel, whose memory a process that only serves the API is spared.
"""

from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, Flask, Response
from werkzeug.utils import import_string

from app.api.auth import require_sign_in
from app.api.problem import PAGES
from app.web import assets

OPEN = (
    ("GET", "/sign-in", "signing_in:ask_to_sign_in"),
    ("POST", "/sign-in", "signing_in:hand_over"),
    ("POST", "/sign-out", "signing_in:leave"),
)
"""What anybody may ask for: method, path, and the function that answers, of `app.web`."""

_STEP = "/packages/<id:package_id>/steps/<id:step_id>"
STUDENTS = (
    ("GET", "/", "student.courses:show_courses"),
    ("GET", _STEP, "student.step:show_step"),
    ("POST", f"{_STEP}/book", "student.deeds:book"),
    ("POST", f"{_STEP}/change", "student.deeds:change"),
    ("GET", f"{_STEP}/cancel", "student.step:ask_to_cancel"),
    ("POST", f"{_STEP}/cancel", "student.deeds:cancel"),
    ("POST", f"{_STEP}/join", "student.deeds:join"),
    ("POST", f"{_STEP}/leave", "student.deeds:leave"),
    ("GET", "/packages/<id:package_id>/choose", "student.choosing:show_choices"),
    ("POST", "/packages/<id:package_id>/choose", "student.choosing:choose"),
    ("GET", "/jobs", "student.jobs:show_jobs"),
    ("GET", "/jobs/<job_id:job_id>", "student.jobs:show_job"),
    ("POST", "/jobs/<job_id:job_id>/withdraw", "student.jobs:withdraw"),
    ("GET", "/calendar", "student.calendar:show_calendar"),
    ("POST", "/calendar/rotate", "student.calendar:rotate"),
    ("GET", "/profile", "student.profile:show_profile"),
    ("POST", "/profile", "student.profile:change"),
)
"""The pages of whoever is signed in, about themselves."""


def register_pages(app: Flask) -> None:
    """Serve all pages, and the assets that they are shown with."""
    pages = Blueprint(PAGES, __name__, template_folder="templates")
    for method, path, function in (*OPEN, *STUDENTS):
        guarded = (method, path, function) not in OPEN
        view = _loaded_later(function, guarded=guarded)
        pages.add_url_rule(path, function.replace(".", "_"), view, methods=[method])
    assets.register(pages)
    app.register_blueprint(pages)


def _loaded_later(function: str, *, guarded: bool) -> Callable[..., Response]:
    """A view that imports the page's own one; it finds out first who asks where it has to."""

    def view(**parts: Any) -> Response:
        if guarded:
            require_sign_in()
        return import_string(f"app.web.{function}")(**parts)  # type: ignore[no-any-return]

    return view


def problem_page(document: dict[str, Any], headers: Mapping[str, str]) -> Response:
    """The page of a problem, for `app.api.problem`."""
    return import_string("app.web.problem_page:show")(document, headers)  # type: ignore[no-any-return]
