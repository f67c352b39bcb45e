"""Every table in one place: importing this module fills `Base.metadata`."""

from models import (
    audit,
    booking,
    booking_job,
    catalog,
    enrolment,
    event_log,
    heartbeat,
    installation,
    invariant_result,
    migration_finding,
    outbox,
    people,
    reminder,
    seats,
    user_token,
    waitlist,
    webhook,
)
from models.backfill import rows as backfill_rows
from models.base import Base

__all__ = [
    "audit",
    "backfill_rows",
    "booking",
    "booking_job",
    "catalog",
    "enrolment",
    "event_log",
    "heartbeat",
    "installation",
    "invariant_result",
    "migration_finding",
    "outbox",
    "people",
    "reminder",
    "seats",
    "user_token",
    "waitlist",
    "webhook",
]

metadata = Base.metadata
