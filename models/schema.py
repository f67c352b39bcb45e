"""Every table in one place: importing this module fills `Base.metadata`."""

from models import (
    audit,
    booking,
    booking_job,
    catalog,
    enrolment,
    event_log,
    heartbeat,
    invariant_result,
    migration_finding,
    outbox,
    people,
    seats,
    waitlist,
)
from models.base import Base

__all__ = [
    "audit",
    "booking",
    "booking_job",
    "catalog",
    "enrolment",
    "event_log",
    "heartbeat",
    "invariant_result",
    "migration_finding",
    "outbox",
    "people",
    "seats",
    "waitlist",
]

metadata = Base.metadata
