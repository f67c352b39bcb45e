"""The operator's deeds, as the seat ledger tells of them: nobody's, and by no job."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class OperatorsDeed:
    """Why seats are taken or freed, where a command does it."""

    cause: str
    actor_id: int | None = None
    job_id: UUID | None = None


BACKFILL = OperatorsDeed("BACKFILL")
UNDO = OperatorsDeed("BACKFILL_UNDONE")
