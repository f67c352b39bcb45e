"""Reading the audit log, the newest entry first."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select, tuple_

from models.audit import AuditEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFilter:
    """Which entries are wanted: those of an actor, and from `[since, until)`."""

    actor_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None


def list_audit(
    db: Connection, wanted: AuditFilter, *, before: tuple[datetime, int] | None, limit: int
) -> list[Row[Any]]:
    """The entries from the newest to the oldest, from before that place."""
    query = _ENTRIES.where(*_conditions(wanted))
    if before is not None:
        query = query.where(tuple_(AuditEntry.at, AuditEntry.id) < before)
    return list(db.execute(query.limit(limit)))


def _conditions(wanted: AuditFilter) -> list[Any]:
    conditions: list[Any] = []
    if wanted.actor_id is not None:
        conditions.append(AuditEntry.actor_id == wanted.actor_id)
    if wanted.since is not None:
        conditions.append(AuditEntry.at >= wanted.since)
    if wanted.until is not None:
        conditions.append(AuditEntry.at < wanted.until)
    return conditions


_ENTRIES = select(
    AuditEntry.id,
    AuditEntry.at,
    AuditEntry.actor_id,
    AuditEntry.action,
    AuditEntry.subject,
    AuditEntry.subject_id,
    AuditEntry.reason,
    AuditEntry.detail,
    AuditEntry.source,
    AuditEntry.booking_job_id.label("job_id"),
).order_by(AuditEntry.at.desc(), AuditEntry.id.desc())
