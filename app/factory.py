"""Puts the web application together; each line's subject is a file of its own."""

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from app.api.auth import register_unknown_person
from app.api.bookings import bookings
from app.api.browser_rules import register_browser_rules
from app.api.bulk_bookings import bulk_bookings
from app.api.calendar_feed import calendar_feed
from app.api.collaborators import RUNTIME, SETTINGS, Runtime, register_release
from app.api.docs import register_docs
from app.api.enrolments import enrolments
from app.api.health import health
from app.api.jobs import jobs
from app.api.openapi import create_api
from app.api.own_calendar import own_calendar
from app.api.paths import register_converters
from app.api.problem import register_error_handlers
from app.api.profile import profile
from app.api.request_log import register_request_log
from app.api.request_size import register_request_size
from app.api.staff.analytics import analytics
from app.api.staff.audit import audit
from app.api.staff.booking_jobs import booking_jobs
from app.api.staff.bookings import staff_bookings
from app.api.staff.events import events
from app.api.staff.jobs import staff_jobs
from app.api.staff.outbox import outbox
from app.api.staff.retries import retries
from app.api.staff.rosters import rosters
from app.api.staff.session_jobs import session_jobs
from app.api.staff.sessions import staff_sessions
from app.api.staff.students import staff_students
from app.api.staff.webhook_deliveries import webhook_deliveries
from app.api.staff.webhooks import webhooks
from app.api.unsubscribing import unsubscribing
from app.letter_previews import register_letter_previews
from app.runtime import WebRuntime
from app.settings import Settings
from app.structured_log import configure_logging
from app.web.routes import problem_page, register_pages

_STAFF = (
    staff_sessions,
    session_jobs,
    rosters,
    staff_bookings,
    booking_jobs,
    staff_students,
    staff_jobs,
    retries,
    outbox,
    audit,
    analytics,
    events,
    webhooks,
    webhook_deliveries,
)
_STUDENTS = (
    profile,
    enrolments,
    bookings,
    bulk_bookings,
    own_calendar,
    calendar_feed,
    unsubscribing,
    jobs,
)
_BLUEPRINTS = (*_STUDENTS, *_STAFF, health)


def build_app(settings: Settings, runtime: Runtime | None = None) -> Flask:
    """Build the application; `runtime` is reached by views through `current_runtime`."""
    configure_logging()
    app = Flask(__name__, static_folder=None)
    app.json.sort_keys = False  # type: ignore[attr-defined]  # Flask's own provider has it
    app.extensions[SETTINGS] = settings
    app.extensions[RUNTIME] = runtime or WebRuntime(settings)
    _look_behind_proxies(app, settings.proxies)
    register_converters(app)
    # answers pass these in the reverse order, so the log is written last
    register_request_log(app)
    register_browser_rules(app, settings.cors_origins, https=settings.https)
    register_request_size(app)
    register_release(app)
    api = create_api(app, settings.public_url)
    for blueprint in _BLUEPRINTS:
        api.register_blueprint(blueprint)
    register_docs(app, api)
    register_pages(app)
    register_letter_previews(app, settings)
    register_error_handlers(app, problem_page)
    register_unknown_person(app)
    return app


def _look_behind_proxies(app: Flask, proxies: int) -> None:
    """Let requests come from the address that the outermost of these proxies was asked from.

    The name and scheme of the site are settings; no header says them.
    """
    if proxies:
        fixed = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=0, x_host=0)
        app.wsgi_app = fixed  # type: ignore[method-assign]  # Flask's own way to wrap it
