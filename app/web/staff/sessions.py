"""The timetable: a week's sessions by day, each with its seats and who waits for one."""

from datetime import datetime
from itertools import groupby
from typing import Any

from flask import Response, request

from app.api.collaborators import request_db
from app.api.schemas.staff.sessions import StaffSessionListSchema, StaffSessionQuerySchema
from app.api.staff.rights import only_taught_by
from app.api.staff.sessions import page_of_sessions
from app.web.page import render
from app.web.reader import Reader, current_reader
from app.web.staff.listing import NOTHING, address, asked, later_page
from app.web.staff.weeks import Week, week_named, week_of
from models.class_listing import list_classes
from models.instants import print_instant
from models.session_listing import SessionFilter, list_sessions
from tasks.wording.time_zones import find_zone, local_time

MOST_CLASSES = 100
"""How many classes the filter offers; each session leads to the week of its own class as well."""

_QUERY = StaffSessionQuerySchema()


def show_sessions() -> Response:
    """Show a week, this one unless the address names another; of one class if it names that."""
    reader, taught_by = current_reader(), only_taught_by()
    week, is_known = _asked_week(reader)
    span = {"from": print_instant(week.starts_at), "to": print_instant(week.ends_at)}
    wanted = asked(_QUERY, reader, **span)
    listed = NOTHING
    if not wanted.faults:
        listed = page_of_sessions(wanted.query, taught_by=taught_by)
    classes = list_classes(request_db(), taught_by=taught_by, limit=MOST_CLASSES)
    return render(
        "staff/sessions.html",
        wanted.status if is_known else 422,
        reader=reader,
        week=week,
        is_known=is_known,
        faults=wanted.faults,
        days=_by_day(listed["items"], reader),
        classes=[(one.id, one.name) for one in classes],
        class_id=wanted.query.get("group_class_id"),
        weeks=_ways(week, reader),
        later=later_page(listed, StaffSessionListSchema),
        next_week=None if listed["items"] else _next_week(wanted.query, week, taught_by),
        may_add=taught_by is None,
    )


def _asked_week(reader: Reader) -> tuple[Week, bool]:
    """The week of the address and True; this one and False where it names none that there is."""
    this_week, name = week_of(reader.now, reader.zone), request.args.get("week")
    week = week_named(name, reader.zone) if name else this_week
    return (this_week, False) if week is None else (week, True)


def _by_day(sessions: list[Any], reader: Reader) -> list[tuple[datetime, list[Any]]]:
    """The first start of each day by the reader's clocks, and the day's sessions."""
    zone = find_zone(reader.zone)
    days = groupby(sessions, lambda session: local_time(session.start_at, zone).date())
    return [(listed[0].start_at, listed) for listed in (list(day) for _, day in days)]


def _next_week(query: dict[str, Any], week: Week, taught_by: int | None) -> str | None:
    """The address of the next week in which a session begins, of the same class if one is asked."""
    class_id = query.get("group_class_id")
    later = SessionFilter(starts_from=week.ends_at, group_class_id=class_id, taught_by=taught_by)
    for session in list_sessions(request_db(), later, after=None, limit=1):
        return address(week=week_of(session.start_at, week.zone.key).name)
    return None


def _ways(week: Week, reader: Reader) -> dict[str, str]:
    """The addresses of the weeks around."""
    return {
        "before": address(week=week.after(-1).name),
        "now": address(week=week_of(reader.now, reader.zone).name),
        "after": address(week=week.after(1).name),
    }
