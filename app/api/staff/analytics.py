"""Reports on bookings and how they are decided; what each counts says `docs/analytics.md`."""

from typing import Any

from flask import Response

from app.api.blueprint import ApiBlueprint
from app.api.collaborators import request_db
from app.api.schemas.staff.report_queries import (
    DecisionTimeQuerySchema,
    FillQuerySchema,
    NoShowsQuerySchema,
    ReportQuerySchema,
    WaitlistQuerySchema,
)
from app.api.schemas.staff.reports import (
    ACTIVITY,
    DECISION_TIME,
    FILL,
    LEAD_TIME,
    NO_SHOWS,
    WAITLIST,
)
from app.api.staff.report_answer import answer_report, documents_report
from app.api.staff.report_span import asked_span
from app.api.staff.rights import STAFF
from app.clock import utc_now
from models.analytics.activity import read_activity
from models.analytics.decision_time import read_decision_times
from models.analytics.fill import read_fill
from models.analytics.lead_time import read_lead_times
from models.analytics.no_shows import read_no_shows
from models.analytics.report import By
from models.analytics.waitlist import read_waitlist

analytics = ApiBlueprint(
    "analytics",
    url_prefix="/api/admin/analytics",
    description="For staff: reports on a span of time, as JSON or CSV.",
)

WEEKS_AHEAD = 4
"""How far the fill looks ahead unless told: seats are sold for sessions to come."""


@analytics.get("/fill")
@documents_report(analytics, FILL)
@analytics.roles(*STAFF)
@analytics.arguments(FillQuerySchema, location="query")
def show_fill(query: dict[str, Any]) -> Response:
    """Show how many seats are taken of the sessions that start in a span."""
    span, by = asked_span(query, utc_now(), weeks_ahead=WEEKS_AHEAD), By(query["by"])
    report = read_fill(request_db(), span, by, group_class_id=query.get("group_class_id"))
    return answer_report("fill", query, report, FILL)


@analytics.get("/activity")
@documents_report(analytics, ACTIVITY)
@analytics.roles(*STAFF)
@analytics.arguments(ReportQuerySchema, location="query")
def show_activity(query: dict[str, Any]) -> Response:
    """Show what was booked, changed, cancelled and refused, day by day."""
    span = asked_span(query, utc_now())
    report = read_activity(request_db(), span)
    return answer_report("activity", query, report, ACTIVITY)


@analytics.get("/lead-time")
@documents_report(analytics, LEAD_TIME)
@analytics.roles(*STAFF)
@analytics.arguments(ReportQuerySchema, location="query")
def show_lead_time(query: dict[str, Any]) -> Response:
    """Show how long before their start the seats of a span's sessions were booked."""
    span = asked_span(query, utc_now())
    report = read_lead_times(request_db(), span)
    return answer_report("lead-time", query, report, LEAD_TIME)


@analytics.get("/waitlist")
@documents_report(analytics, WAITLIST)
@analytics.roles(*STAFF)
@analytics.arguments(WaitlistQuerySchema, location="query")
def show_waitlist(query: dict[str, Any]) -> Response:
    """Show what became of those who joined a waitlist in a span."""
    span, by = asked_span(query, utc_now()), By(query["by"])
    report = read_waitlist(request_db(), span, by)
    return answer_report("waitlist", query, report, WAITLIST)


@analytics.get("/no-shows")
@documents_report(analytics, NO_SHOWS)
@analytics.roles(*STAFF)
@analytics.arguments(NoShowsQuerySchema, location="query")
def show_no_shows(query: dict[str, Any]) -> Response:
    """Show who came to a span's sessions and who didn't."""
    now = utc_now()
    span, by = asked_span(query, now), By(query["by"])
    group_class_id = query.get("group_class_id")
    report = read_no_shows(request_db(), span, by, now=now, group_class_id=group_class_id)
    return answer_report("no-shows", query, report, NO_SHOWS)


@analytics.get("/decision-time")
@documents_report(analytics, DECISION_TIME)
@analytics.roles(*STAFF)
@analytics.arguments(DecisionTimeQuerySchema, location="query")
def show_decision_time(query: dict[str, Any]) -> Response:
    """Show how long a span's decisions took."""
    span, by = asked_span(query, utc_now()), By(query["by"])
    report = read_decision_times(request_db(), span, by)
    return answer_report("decision-time", query, report, DECISION_TIME)
