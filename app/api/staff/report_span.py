"""The span that a report is asked for."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from app.api.problem import Problem
from models.analytics.span import LONGEST, WEEKS_BACK, Span, usual_span
from models.session_times import FIRST_YEAR, LAST_YEAR, is_within_years


def asked_span(query: dict[str, Any], now: datetime, *, weeks_ahead: int = 0) -> Span:
    """The span of a query, from four weeks before this one unless told; raises Problem 422."""
    zone = ZoneInfo(query.get("time_zone", "UTC"))
    usual = usual_span(now, zone, weeks_ahead=weeks_ahead)
    end = query.get("to", usual.end)
    start = query.get("from_", end - timedelta(weeks=WEEKS_BACK) if "to" in query else usual.start)
    span = Span(start=start, end=end, zone=zone)
    _check(span)
    return span


def _check(span: Span) -> None:
    for name, instant in (("from", span.start), ("to", span.end)):
        if not is_within_years(instant):
            _refuse(name, f"Must be from the year {FIRST_YEAR} to {LAST_YEAR}.")
    if span.start >= span.end:
        _refuse("to", "Must be after from.")
    if span.end - span.start > LONGEST:
        _refuse("to", f"Must be at most {LONGEST.days} days after from.")


def _refuse(name: str, sentence: str) -> None:
    raise Problem("invalid_fields", errors={name: [sentence]})
