"""Webhooks as staff see and change them."""

from typing import Any

from marshmallow import ValidationError, fields, validate

from app.api.cursors import Cursor
from app.api.fields import MAX_ID, Flag, Id, Instant, Text
from app.api.schemas.base import AnswerSchema, RequestSchema
from app.api.schemas.paging import PageQuerySchema
from models.event_types import EventType
from models.webhook import DeliveryCause, DeliveryStatus, DisabledReason
from models.webhook_url import LONGEST_URL, UnfitUrl, host_of


class WebhookUrl(Text):
    """A URL that events can be sent to, as far as its form tells."""

    def __init__(self, **kwargs: Any) -> None:
        metadata = {"format": "uri", "pattern": "^https?://[!-~]+$"}
        super().__init__(LONGEST_URL, required=True, metadata=metadata, **kwargs)

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> str:
        url = super()._deserialize(value, *args, **kwargs)
        try:
            host_of(url)
        except UnfitUrl as unfit:
            raise ValidationError(str(unfit)) from unfit
        return url


def each_once(types: list[str]) -> None:
    """Raises ValidationError when one is named twice."""
    if len(set(types)) < len(types):
        raise ValidationError("Must name each type once.")


class CreateWebhookRequestSchema(RequestSchema):
    """Where to send events, and of which types; without types, all of them."""

    url = WebhookUrl()
    event_types = fields.List(
        fields.String(validate=validate.OneOf(list(EventType))),
        validate=[validate.Length(min=1, max=len(EventType)), each_once],
        metadata={"uniqueItems": True},
    )


class SwitchWebhookRequestSchema(RequestSchema):
    """Whether events are sent to it."""

    enabled = Flag(required=True)


class ReplayWebhookRequestSchema(RequestSchema):
    """Behind which position of the log to begin; 0 is its beginning."""

    after = fields.Integer(
        required=True,
        strict=True,
        validate=validate.Range(0, MAX_ID, error="Must be from {min} to {max}."),
        error_messages={"invalid": "Must be a whole number."},
    )


class WebhookSchema(AnswerSchema):
    """An endpoint that events are sent to; `failingSince` is since when none arrives."""

    id = Id()
    url = fields.String(metadata={"format": "uri"})
    event_types = fields.List(
        fields.String(), allow_none=True, metadata={"description": "Null: all types."}
    )
    enabled = fields.Boolean()
    disabled_at = Instant(allow_none=True)
    disabled_reason = fields.String(
        allow_none=True,
        metadata={
            "enum": [*DisabledReason, None],
            "description": "Staff did it, it answered 410, or it failed for five days.",
        },
    )
    failing_since = Instant(allow_none=True)
    previous_secret_until = Instant(
        allow_none=True,
        metadata={"description": "Until then the secret before the last rotation signs as well."},
    )
    created_at = Instant()
    created_by = Id(allow_none=True)


class WebhookWithSecretSchema(WebhookSchema):
    """An endpoint with its new secret, which is shown this once."""

    secret = fields.String(metadata={"pattern": "^whsec_[A-Za-z0-9+/]{43}=$"})


class WebhookCursor(Cursor):
    """A place among endpoints by id."""

    of = "webhooks"
    parts = (int,)


class WebhookQuerySchema(PageQuerySchema):
    """From which endpoint on to list."""

    cursor = WebhookCursor()


class WebhookListSchema(AnswerSchema):
    """A page of endpoints; `next` is the cursor of the page after it, null at the end."""

    items = fields.List(fields.Nested(WebhookSchema))
    next = WebhookCursor(allow_none=True)


class DeliverySchema(AnswerSchema):
    """One event on its way to one endpoint, and how the last attempt went."""

    id = Id()
    event_id = fields.UUID(metadata={"description": "The `webhook-id` of every attempt."})
    event_type = fields.String()
    cursor = fields.Integer(
        allow_none=True, metadata={"description": "The event's position; a test has none."}
    )
    cause = fields.String(validate=validate.OneOf(list(DeliveryCause)))
    status = fields.String(validate=validate.OneOf(list(DeliveryStatus)))
    attempts = fields.Integer(metadata={"minimum": 0})
    response_status = fields.Integer(allow_none=True)
    last_error = fields.String(allow_none=True)
    created_at = Instant()
    next_attempt_at = Instant(metadata={"description": "When it is due, or was."})
    finished_at = Instant(allow_none=True)


class DeliveryCursor(Cursor):
    """A place among deliveries by id."""

    of = "delivery"
    parts = (int,)


class DeliveryQuerySchema(PageQuerySchema):
    """From which delivery on to list."""

    cursor = DeliveryCursor()


class DeliveryListSchema(AnswerSchema):
    """A page of deliveries; `next` is the cursor of the page after it, null at the end."""

    items = fields.List(fields.Nested(DeliverySchema))
    next = DeliveryCursor(allow_none=True)


class ReplaySchema(AnswerSchema):
    """How many deliveries a replay queued.

    A call looks at 10,000 events at most; `next` is the `after` to go on with, null at the end.
    """

    queued = fields.Integer(metadata={"minimum": 0})
    next = fields.Integer(allow_none=True, metadata={"minimum": 1, "maximum": MAX_ID})
