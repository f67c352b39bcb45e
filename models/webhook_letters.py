"""What a letter about a webhook has to say, read when it is written."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, select, true

from models.people import UserAccount
from models.webhook import WebhookEndpoint


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookLetter:
    """Whom it goes to, and which endpoint gets nothing any more, since when and why."""

    name: str
    email: str
    locale: str
    time_zone: str
    url: str
    enabled: bool
    disabled_at: datetime | None
    disabled_reason: str | None
    failing_since: datetime | None


def webhook_letter(db: Connection, endpoint_id: int, user_id: int | None) -> WebhookLetter | None:
    """The facts of a letter to this person about this endpoint, or None when one is gone."""
    row = db.execute(_OF_ENDPOINT, {"endpoint": endpoint_id, "user": user_id}).one_or_none()
    return WebhookLetter(**row._mapping) if row else None  # noqa: SLF001 - SQLAlchemy's public name


_OF_ENDPOINT = (
    select(
        UserAccount.name,
        UserAccount.email,
        UserAccount.locale,
        UserAccount.time_zone,
        WebhookEndpoint.url,
        WebhookEndpoint.enabled,
        WebhookEndpoint.disabled_at,
        WebhookEndpoint.disabled_reason,
        WebhookEndpoint.failing_since,
    )
    .select_from(WebhookEndpoint)
    .join(UserAccount, true())
    .where(
        WebhookEndpoint.id == bindparam("endpoint"),
        UserAccount.id == bindparam("user"),
        WebhookEndpoint.deleted_at.is_(None),
    )
)
