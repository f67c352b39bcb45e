"""Writes and signs what is sent to an endpoint, by the Standard Webhooks scheme."""

from collections.abc import Iterable
from datetime import datetime

import orjson
from standardwebhooks import Webhook

from models.event_listing import Event
from models.instants import print_instant

USER_AGENT = "Thrive-Booking/1"


def write_body(event: Event) -> bytes:
    """The event as the API shows it; these very bytes are signed and sent."""
    return orjson.dumps(
        {
            "id": str(event.id),
            "cursor": event.cursor,
            "type": event.type,
            "timestamp": print_instant(event.timestamp),
            "data": event.data,
        }
    )


def write_headers(
    event: Event, body: bytes, secrets: Iterable[str], now: datetime
) -> dict[str, str]:
    """The headers of one attempt at `now`, an aware UTC time.

    The id is the event's, the same for each attempt and in a replay; each of the secrets signs.
    """
    message_id = str(event.id)
    signatures = [Webhook(secret).sign(message_id, now, body.decode()) for secret in secrets]
    return {
        "Content-Type": "application/json",
        "User-Agent": USER_AGENT,
        "webhook-id": message_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(signatures),
    }
