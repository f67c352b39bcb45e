"""Reports as staff read them: each with lines of one kind, and the figures of all of them."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from marshmallow import fields, validate

from app.api.fields import Id, Instant
from app.api.schemas.base import AnswerSchema
from models.analytics.report import By
from models.booking_job import JobKind


class Count(fields.Integer):
    """How many there were."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(metadata={"minimum": 0}, **kwargs)


class Share(fields.Float):
    """A part of a whole, to four places; null where there is no whole."""

    def __init__(self) -> None:
        super().__init__(allow_none=True, metadata={"minimum": 0, "maximum": 1})

    def _serialize(self, value: Any, *_: Any, **__: Any) -> float | None:
        return None if value is None else round(value, 4)


class Seconds(fields.Float):
    """A duration in seconds, to the millisecond; null where nothing took any time."""

    def __init__(self, attribute: str) -> None:
        super().__init__(attribute=attribute, allow_none=True, metadata={"minimum": 0})

    def _serialize(self, value: Any, *_: Any, **__: Any) -> float | None:
        return None if value is None else round(value / timedelta(seconds=1), 3)


class LineSchema(AnswerSchema):
    """A line of a report: what it is of, and its figures, side by side."""

    def get_attribute(self, obj: Any, attr: str, default: Any) -> Any:
        """Find a field at either; the total of a report is its figures alone."""
        of = getattr(obj, "of", None)
        figures = getattr(obj, "figures", obj)
        return super().get_attribute(of if hasattr(of, attr) else figures, attr, default)


class DaySchema(LineSchema):
    """A day by the report's clocks; the first and the last are cut by the span."""

    day = fields.Date()
    starts_at = Instant()
    ends_at = Instant()


class WeekSchema(LineSchema):
    """A week by the report's clocks; the first and the last are cut by the span."""

    week = fields.String(metadata={"description": "By ISO 8601, such as `2026-W09`."})
    monday = fields.Date()
    starts_at = Instant()
    ends_at = Instant()


class ClassSchema(LineSchema):
    """A group class."""

    group_class_id = Id()
    group_class_name = fields.String()


class SessionSchema(LineSchema):
    """A session."""

    session_id = Id()
    group_class_id = Id()
    group_class_name = fields.String()
    start_at = Instant()


class KindSchema(LineSchema):
    """A kind of job."""

    kind = fields.String(validate=validate.OneOf(list(JobKind)))


class LeadSchema(LineSchema):
    """A stretch of time before the start; the longest has no end."""

    at_least_seconds = Seconds("at_least")
    less_than_seconds = Seconds("less_than")


class FillSchema(LineSchema):
    """Sessions that take place, their seats, and how many sessions were cancelled."""

    sessions = Count()
    cancelled = Count()
    seats_taken = Count()
    capacity_max = Count()
    fill_rate = Share()


class ActivitySchema(LineSchema):
    """What was booked, changed, cancelled and refused."""

    bookings = Count()
    changes = Count()
    cancellations = Count()
    refusals = Count()
    refusals_by_code = fields.Dict(
        keys=fields.String(),
        values=Count(),
        metadata={"description": "Those codes that were given at all."},
    )


class SeatsSchema(LineSchema):
    """How many seats there were."""

    seats = Count()


class LeadTimesSchema(SeatsSchema):
    """How long before the start seats were booked, and how many only afterwards."""

    lower_quartile_seconds = Seconds("lower_quartile")
    median_seconds = Seconds("median")
    upper_quartile_seconds = Seconds("upper_quartile")
    after_start = Count()


class WaitsSchema(LineSchema):
    """Who joined a waitlist, and what became of them."""

    joined = Count()
    promoted = Count()
    left = Count()
    expired = Count()
    seated_elsewhere = Count()
    session_cancelled = Count()
    package_cancelled = Count()
    waiting = Count()
    conversion_rate = Share()
    median_wait_seconds = Seconds("median_wait")


class NoShowsSchema(LineSchema):
    """Who came, who didn't, and who was never marked."""

    attended = Count()
    missed = Count()
    unmarked = Count()
    no_show_rate = Share()


class DecisionTimesSchema(LineSchema):
    """How long decisions took."""

    decided = Count()
    p50_seconds = Seconds("p50")
    p95_seconds = Seconds("p95")
    p99_seconds = Seconds("p99")
    longest_seconds = Seconds("longest")


class ReportSchema(AnswerSchema):
    """A report of the span `[from, to)`; what its lines are of says `by`."""

    from_ = Instant(attribute="span.start")
    to = Instant(attribute="span.end")
    time_zone = fields.String(attribute="span.zone")


_OF: Mapping[By, type[LineSchema]] = {
    By.DAY: DaySchema,
    By.WEEK: WeekSchema,
    By.CLASS: ClassSchema,
    By.SESSION: SessionSchema,
    By.KIND: KindSchema,
    By.LEAD: LeadSchema,
}


def _reports(
    subject: str,
    *ways: By,
    figures: type[LineSchema],
    total: type[LineSchema] | None = None,
) -> dict[By, ReportSchema]:
    """The shapes of a report, one for each way in which it can be divided."""
    return {by: _report(subject, by, figures, total or figures) for by in ways}


def _report(
    subject: str, by: By, figures: type[LineSchema], total: type[LineSchema]
) -> ReportSchema:
    line = type(f"{subject}Of{by.title()}Schema", (figures, _OF[by]), {})
    shape = {
        "__doc__": ReportSchema.__doc__,
        "by": fields.String(validate=validate.Equal(by.value)),
        "items": fields.List(fields.Nested(line), attribute="lines"),
        "total": fields.Nested(total),
    }
    made: type[ReportSchema] = type(f"{subject}By{by.title()}Schema", (ReportSchema,), shape)
    return made()


FILL = _reports("Fill", By.WEEK, By.CLASS, By.SESSION, figures=FillSchema)
ACTIVITY = _reports("Activity", By.DAY, figures=ActivitySchema)
LEAD_TIME = _reports("LeadTime", By.LEAD, figures=SeatsSchema, total=LeadTimesSchema)
WAITLIST = _reports("Waitlist", By.WEEK, By.CLASS, figures=WaitsSchema)
NO_SHOWS = _reports("NoShows", By.WEEK, By.CLASS, figures=NoShowsSchema)
DECISION_TIME = _reports("DecisionTime", By.DAY, By.KIND, figures=DecisionTimesSchema)
