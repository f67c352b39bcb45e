"""Every page and its address. A page is loaded when it is first asked for.

Pages need Babel, whose memory a process that only serves the API is spared.
"""

from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, Flask, Response
from werkzeug.utils import import_string

from app.api.auth import current_person, require_sign_in
from app.api.problem import PAGES, Problem
from app.api.staff.rights import STAFF, STAFF_AND_TEACHERS
from app.web import assets
from models.people import Role

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


_SESSION = "/staff/sessions/<id:session_id>"
_BOOKING = "/staff/bookings/<id:booking_id>"
_STUDENT = "/staff/students/<id:student_id>"
_PACKAGE = f"{_STUDENT}/packages/<id:package_id>"
_WEBHOOK = "/staff/webhooks/<id:webhook_id>"
FOR_TEACHERS = (
    ("GET", "/staff/sessions", "staff.sessions:show_sessions"),
    ("GET", _SESSION, "staff.session:show_session"),
    ("POST", f"{_SESSION}/attendance", "staff.session:mark_attendance"),
    ("GET", "/staff/jobs/<job_id:job_id>", "staff.job:show_job"),
)
"""The pages of teachers, about their own classes; staff see them about all."""
FOR_STAFF = (
    ("GET", "/staff/sessions/add", "staff.adding:choose_class"),
    ("GET", "/staff/classes/<id:class_id>/add", "staff.adding:ask_when"),
    ("POST", "/staff/classes/<id:class_id>/add", "staff.adding:add"),
    ("GET", f"{_SESSION}/cancel", "staff.session_deeds:ask_to_cancel"),
    ("POST", f"{_SESSION}/cancel", "staff.session_deeds:cancel"),
    ("GET", f"{_SESSION}/move", "staff.session_deeds:ask_to_move"),
    ("POST", f"{_SESSION}/move", "staff.session_deeds:move"),
    ("GET", f"{_SESSION}/capacity", "staff.session_deeds:ask_for_capacity"),
    ("POST", f"{_SESSION}/capacity", "staff.session_deeds:set_capacity"),
    ("GET", f"{_SESSION}/seat", "staff.seating:ask_for_whom"),
    ("POST", f"{_SESSION}/seat", "staff.seating:seat"),
    ("GET", "/staff/bookings", "staff.bookings:show_bookings"),
    ("GET", _BOOKING, "staff.booking:show_booking"),
    ("GET", f"{_BOOKING}/change", "staff.booking:ask_to_change"),
    ("POST", f"{_BOOKING}/change", "staff.booking:change"),
    ("GET", f"{_BOOKING}/cancel", "staff.booking:ask_to_cancel"),
    ("POST", f"{_BOOKING}/cancel", "staff.booking:cancel"),
    ("GET", "/staff/students", "staff.students:find_students"),
    ("GET", _STUDENT, "staff.students:show_student"),
    ("GET", f"{_PACKAGE}/cancel", "staff.package:ask_to_cancel"),
    ("POST", f"{_PACKAGE}/cancel", "staff.package:cancel"),
    ("GET", f"{_PACKAGE}/steps/<id:step_id>/book", "staff.package:ask_which_session"),
    ("POST", f"{_PACKAGE}/steps/<id:step_id>/book", "staff.package:book"),
    ("GET", "/staff/jobs", "staff.jobs:show_jobs"),
    ("POST", "/staff/jobs/<job_id:job_id>/retry", "staff.job:retry"),
    ("GET", "/staff/outbox", "staff.outbox:show_outbox"),
    ("POST", "/staff/outbox/<job_id:message_id>/resend", "staff.outbox:resend"),
    ("GET", "/staff/webhooks", "staff.webhooks:show_webhooks"),
    ("POST", "/staff/webhooks", "staff.webhooks:create"),
    ("GET", _WEBHOOK, "staff.webhook:show_webhook"),
    ("POST", f"{_WEBHOOK}/switch", "staff.webhook:switch"),
    ("POST", f"{_WEBHOOK}/rotate", "staff.webhook:rotate"),
    ("POST", f"{_WEBHOOK}/test", "staff.webhook:send_test"),
    ("POST", f"{_WEBHOOK}/replay", "staff.webhook:replay"),
    ("GET", f"{_WEBHOOK}/delete", "staff.webhook:ask_to_delete"),
    ("POST", f"{_WEBHOOK}/delete", "staff.webhook:delete"),
    ("GET", "/staff/audit", "staff.audit:show_audit"),
    ("GET", "/staff/analytics", "staff.analytics:show_analytics"),
)
"""The pages of staff alone."""


def register_pages(app: Flask) -> None:
    """Serve all pages, and the assets that they are shown with."""
    pages = Blueprint(PAGES, __name__, template_folder="templates")
    for guard, routes in _GUARDS:
        for method, path, function in routes:
            view = _loaded_later(function, guard)
            pages.add_url_rule(path, function.replace(".", "_"), view, methods=[method])
    assets.register(pages)
    app.register_blueprint(pages)


def _anybody() -> None:
    """Nobody is asked who they are."""


def _only(*roles: Role) -> Callable[[], None]:
    def guard() -> None:
        require_sign_in()
        if current_person().role not in roles:
            raise Problem("forbidden")

    return guard


_GUARDS = (
    (_anybody, OPEN),
    (require_sign_in, STUDENTS),
    (_only(*STAFF_AND_TEACHERS), FOR_TEACHERS),
    (_only(*STAFF), FOR_STAFF),
)
"""Who may see the pages of each table; a guard raises Problem."""


def _loaded_later(function: str, guard: Callable[[], None]) -> Callable[..., Response]:
    """A view that imports the page's own one, once its guard let the reader pass."""

    def view(**parts: Any) -> Response:
        guard()
        return import_string(f"app.web.{function}")(**parts)  # type: ignore[no-any-return]  # found by its name

    return view


def problem_page(document: dict[str, Any], headers: Mapping[str, str]) -> Response:
    """The page of a problem, for `app.api.problem`."""
    return import_string("app.web.problem_page:show")(document, headers)  # type: ignore[no-any-return]  # found by its name
