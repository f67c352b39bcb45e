"""Notes in the audit log what staff do at once, without a job; in the deed's own transaction."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert

from models.audit import AuditEntry


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something (None: the operator), from which network address, and when."""

    user_id: int | None
    source: str
    now: datetime


def note_deed(
    db: Connection,
    actor: Actor,
    action: str,
    *,
    subject: str,
    subject_id: int,
    detail: dict[str, Any] | None = None,
) -> None:
    """Note what `actor` did to which row."""
    db.execute(
        insert(AuditEntry).values(
            at=actor.now,
            actor_id=actor.user_id,
            action=action,
            subject=subject,
            subject_id=subject_id,
            detail=detail or {},
            source=actor.source,
        )
    )
