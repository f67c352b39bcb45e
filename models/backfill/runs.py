"""The runs: one is begun, or the one that was broken off goes on."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, Row, func, insert, select, update

from models.auditing import Actor, note_deed
from models.backfill.finding import MINUTES, count_unlinked
from models.backfill.rows import BackfillRun
from models.long_transaction import allow_long_transaction

STARTING = 0x4241434B
"""The advisory lock's key: "BACK" in ASCII."""


def begin_or_go_on(engine: Engine, now: datetime) -> Row[Any] | None:
    """The run that was broken off, with its own `now`, or else a new one.

    None where every booked step has its booking.
    """
    with engine.begin() as db:
        allow_long_transaction(db, MINUTES)
        db.execute(select(func.pg_advisory_xact_lock(STARTING)))
        unfinished = db.execute(_UNFINISHED).first()
        if unfinished is not None:
            return unfinished
        steps = count_unlinked(db)
        if steps == 0:
            return None
        return db.execute(_BEGIN, {"now": now, "steps_before": steps}).one()


def find_run(db: Connection, run_id: int) -> Row[Any] | None:
    """The run of that id."""
    return db.execute(select(BackfillRun.__table__).where(BackfillRun.id == run_id)).first()


def finish(db: Connection, run_id: int, now: datetime, made: dict[str, Any]) -> None:
    """Note that a run looked at every step, in the audit log, too."""
    _end(db, run_id, "backfill", now, made, finished_at=now)


def note_undone(db: Connection, run_id: int, now: datetime, made: dict[str, Any]) -> None:
    """Note that a run was taken back: it will neither go on nor be undone again."""
    _end(db, run_id, "backfill_undo", now, made, undone_at=now)


def _end(
    db: Connection, run_id: int, action: str, now: datetime, made: dict[str, Any], **columns: Any
) -> None:
    db.execute(update(BackfillRun).where(BackfillRun.id == run_id).values(**columns))
    operator = Actor(None, "command line", now)
    note_deed(db, operator, action, subject="backfill_run", subject_id=run_id, detail=made)


_UNFINISHED = (
    select(BackfillRun.__table__)
    .where(BackfillRun.finished_at.is_(None), BackfillRun.undone_at.is_(None))
    .order_by(BackfillRun.id)
    .limit(1)
)
_BEGIN = insert(BackfillRun).returning(BackfillRun.__table__)
