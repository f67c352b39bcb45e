"""The reports of a span of days: charts, tables and CSV files."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from flask import Response, request

from app.api.collaborators import request_db
from app.api.problem import Problem
from app.api.schemas.staff.report_queries import ReportQuerySchema
from app.api.staff.analytics import WEEKS_AHEAD
from app.api.staff.report_span import asked_span
from app.web.page import render
from app.web.reader import Reader, current_reader
from app.web.staff.dates import asked_days
from app.web.staff.faults import told
from app.web.staff.listing import address
from app.web.staff.reports import Figure, Shown, charts_of, rows_of
from app.web.staff.telling import Teller
from models.analytics.activity import read_activity
from models.analytics.decision_time import read_decision_times
from models.analytics.fill import read_fill
from models.analytics.lead_time import read_lead_times
from models.analytics.no_shows import read_no_shows
from models.analytics.reading import MOST_LINES
from models.analytics.report import By, Report
from models.analytics.span import Span
from models.analytics.waitlist import read_waitlist
from models.instants import print_instant
from tasks.wording.time_zones import find_zone

_QUERY = ReportQuerySchema()

Read = Callable[[Span, By], Report[Any, Any]]


@dataclass(frozen=True)
class Subject:
    """One report: its name in addresses, its words, how it is read and what it can be divided by.

    `says` tells what is counted.
    """

    name: str
    title: str
    says: str
    read: Read
    by: Sequence[By]
    figures: Sequence[Figure]
    total: Sequence[Figure] | None = None
    """The figures of all, where they are others than those of the lines."""
    weeks_ahead: int = 0


def show_analytics() -> Response:
    """Show all reports of the days that the address asks for, else each of its usual weeks."""
    reader = current_reader()
    days, faults = asked_days(reader)
    query = _QUERY.load(dict(days) | {"timeZone": find_zone(reader.zone).key})
    try:
        shown = [] if faults else [_shown(one, query, reader) for one in _subjects(reader)]
    except Problem as problem:
        shown, faults = [], told(problem.members["errors"], reader)
    return render(
        "staff/analytics.html",
        422 if faults else 200,
        reader=reader,
        reports=shown,
        faults=faults,
        sent=request.args,
    )


def _shown(subject: Subject, query: dict[str, Any], reader: Reader) -> Shown:
    span = asked_span(query, reader.now, weeks_ahead=subject.weeks_ahead)
    asked = request.args.get(subject.name, "")
    by = By(asked) if asked in subject.by else subject.by[0]
    report, teller = subject.read(span, by), Teller(reader)
    drawn = by not in (By.CLASS, By.SESSION, By.KIND)
    total = subject.figures if subject.total is None else subject.total
    return Shown(
        subject=subject.name,
        title=subject.title,
        says=subject.says,
        days=_days(span, reader),
        by=by,
        heads=[figure.name for figure in subject.figures],
        rows=rows_of(report, subject.figures, teller),
        total=[(figure.name, figure.tell(figure.value(report.total))) for figure in total],
        charts=charts_of(report.lines, subject.figures, teller) if drawn else [],
        count=len(report.lines),
        is_too_long=len(report.lines) > MOST_LINES,
        csv=_csv(subject, span, by),
        ways=[(one, address(**{subject.name: one.value})) for one in subject.by],
    )


def _days(span: Span, reader: Reader) -> str:
    """The first and the last day of a span."""
    last = span.end - timedelta(microseconds=1)
    return f"{reader.day_name(span.start)} – {reader.day_name(last)}"


def _csv(subject: Subject, span: Span, by: By) -> str:
    """The address of all lines, as the API gives them."""
    query = {
        "from": print_instant(span.start),
        "to": print_instant(span.end),
        "timeZone": str(span.zone),
        "format": "csv",
    } | ({"by": by.value} if len(subject.by) > 1 else {})
    return f"/api/admin/analytics/{subject.name}?{urlencode(query)}"


def _seconds(duration: timedelta | None) -> float | None:
    return None if duration is None else duration / timedelta(seconds=1)


def _subjects(reader: Reader) -> Sequence[Subject]:
    return (
        _fill(reader),
        _activity(reader),
        _lead_time(reader),
        _waitlist(reader),
        _no_shows(reader),
        _decision_time(reader),
    )


def _fill(reader: Reader) -> Subject:
    _, teller = reader.language.gettext, Teller(reader)
    return Subject(
        "fill",
        _("Fill"),
        _("How many seats are taken of the sessions that begin in these days."),
        lambda span, by: read_fill(request_db(), span, by),
        (By.WEEK, By.CLASS, By.SESSION),
        (
            Figure(_("Seats taken, in percent"), lambda f: f.fill_rate, teller.share, True, 1),
            Figure(_("Seats taken"), lambda f: f.seats_taken, teller.count),
            Figure(_("Seats"), lambda f: f.capacity_max, teller.count),
            Figure(_("Sessions"), lambda f: f.sessions, teller.count),
            Figure(_("Cancelled sessions"), lambda f: f.cancelled, teller.count),
        ),
        weeks_ahead=WEEKS_AHEAD,
    )


def _activity(reader: Reader) -> Subject:
    _, teller = reader.language.gettext, Teller(reader)
    return Subject(
        "activity",
        _("Activity"),
        _("What was booked, changed, cancelled and refused, day by day."),
        lambda span, _by: read_activity(request_db(), span),
        (By.DAY,),
        (
            Figure(_("Bookings"), lambda f: f.bookings, teller.count, True),
            Figure(_("Changes"), lambda f: f.changes, teller.count, True),
            Figure(_("Cancellations"), lambda f: f.cancellations, teller.count, True),
            Figure(_("Refusals"), lambda f: f.refusals, teller.count, True),
        ),
    )


def _lead_time(reader: Reader) -> Subject:
    _, teller = reader.language.gettext, Teller(reader)
    quartiles = (
        (_("A quarter at most"), "lower_quartile"),
        (_("Half at most"), "median"),
        (_("Three quarters at most"), "upper_quartile"),
    )
    return Subject(
        "lead-time",
        _("Lead time"),
        _("How long beforehand the seats were booked of sessions that begin in these days."),
        lambda span, _by: read_lead_times(request_db(), span),
        (By.LEAD,),
        (Figure(_("Seats"), lambda f: f.seats, teller.count, True),),
        (
            Figure(_("Seats"), lambda f: f.seats, teller.count),
            *(
                Figure(name, lambda f, of=of: _seconds(getattr(f, of)), teller.duration)  # type: ignore[misc]  # mypy can't infer a lambda with a default
                for name, of in quartiles
            ),
            Figure(_("Entered after the start"), lambda f: f.after_start, teller.count),
        ),
    )


def _waitlist(reader: Reader) -> Subject:
    _, teller = reader.language.gettext, Teller(reader)
    return Subject(
        "waitlist",
        _("Waitlists"),
        _("What became of those who joined a waitlist in these days."),
        lambda span, by: read_waitlist(request_db(), span, by),
        (By.WEEK, By.CLASS),
        (
            Figure(_("Joined"), lambda f: f.joined, teller.count, True),
            Figure(_("Got a seat"), lambda f: f.promoted, teller.count),
            Figure(_("Got a seat, in percent"), lambda f: f.conversion_rate, teller.share, True, 1),
            Figure(_("Left"), lambda f: f.left, teller.count),
            Figure(_("Session passed"), lambda f: f.expired, teller.count),
            Figure(_("Seated elsewhere"), lambda f: f.seated_elsewhere, teller.count),
            Figure(_("Still waiting"), lambda f: f.waiting, teller.count),
            Figure(_("Half waited at most"), lambda f: _seconds(f.median_wait), teller.duration),
        ),
    )


def _no_shows(reader: Reader) -> Subject:
    _, teller = reader.language.gettext, Teller(reader)
    return Subject(
        "no-shows",
        _("No-shows"),
        _("Who had a seat and didn't come, as attendance was marked."),
        lambda span, by: read_no_shows(request_db(), span, by, now=reader.now),
        (By.WEEK, By.CLASS),
        (
            Figure(_("Missed, in percent"), lambda f: f.no_show_rate, teller.share, True, 1),
            Figure(_("Missed"), lambda f: f.missed, teller.count),
            Figure(_("Came"), lambda f: f.attended, teller.count),
            Figure(_("Not marked"), lambda f: f.unmarked, teller.count),
        ),
    )


def _decision_time(reader: Reader) -> Subject:
    _, teller = reader.language.gettext, Teller(reader)
    return Subject(
        "decision-time",
        _("Decision time"),
        _("How long it took from a request to its decision."),
        lambda span, by: read_decision_times(request_db(), span, by),
        (By.DAY, By.KIND),
        (
            Figure(_("Half at most"), lambda f: _seconds(f.p50), teller.duration, True),
            Figure(_("95 % at most"), lambda f: _seconds(f.p95), teller.duration, True),
            Figure(_("99 % at most"), lambda f: _seconds(f.p99), teller.duration),
            Figure(_("Longest"), lambda f: _seconds(f.longest), teller.duration),
            Figure(_("Decided"), lambda f: f.decided, teller.count),
        ),
    )
