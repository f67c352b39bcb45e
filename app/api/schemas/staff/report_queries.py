"""What a report is asked with."""

from marshmallow import fields, validate

from app.api.fields import MAX_ID, Instant, QueryInteger
from app.api.schemas.base import QuerySchema
from app.api.schemas.profile import ProfileText
from app.catalog_file import values
from models.analytics.report import By

FORMATS = ("json", "csv")


class ReportQuerySchema(QuerySchema):
    """The span `[from, to)`, by whose clocks its days and weeks go, and the form of the answer."""

    from_ = Instant(metadata={"description": "Four weeks before `to` or this week unless told."})
    to = Instant(metadata={"description": "The end of this week unless told; at most 366 days on."})
    time_zone = ProfileText(
        values.time_zone,
        description="The IANA time zone of its days and weeks; UTC unless told.",
        maxLength=64,
    )
    format = fields.String(validate=validate.OneOf(FORMATS), load_default="json")


def _by(first: By, *others: By) -> fields.String:
    """What its lines are of: the first unless told."""
    return fields.String(
        validate=validate.OneOf([by.value for by in (first, *others)]), load_default=first.value
    )


class FillQuerySchema(ReportQuerySchema):
    """Of which sessions the fill is told, and line by line of what."""

    by = _by(By.WEEK, By.CLASS, By.SESSION)
    group_class_id = QueryInteger(1, MAX_ID)


class NoShowsQuerySchema(ReportQuerySchema):
    """Of which sessions the no-shows are told, and line by line of what."""

    by = _by(By.WEEK, By.CLASS)
    group_class_id = QueryInteger(1, MAX_ID)


class WaitlistQuerySchema(ReportQuerySchema):
    """Line by line of what the waits are told."""

    by = _by(By.WEEK, By.CLASS)


class DecisionTimeQuerySchema(ReportQuerySchema):
    """Line by line of what the decisions are told."""

    by = _by(By.DAY, By.KIND)
