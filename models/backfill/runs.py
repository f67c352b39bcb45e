"""The runs: one is begun, or the one that was broken off goes on, until it is taken back."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, Row, func, insert, select, update

from models.auditing import Actor, note_deed
from models.backfill.finding import count_unlinked
from models.backfill.rows import BackfillRun
from models.backfill.whole_tables import allow_whole_tables

STARTING = 0x4241434B
"""The advisory lock's key: "BACK" in ASCII."""


class RunUndoneError(Exception):
    """The run is being taken back, so it links nothing more."""


def begin_or_go_on(engine: Engine, now: datetime) -> Row[Any] | None:
    """The run that was broken off, with its own `now`, or else a new one.

    None where every booked step has its booking.
    """
    with engine.begin() as db:
        allow_whole_tables(db)
        db.execute(select(func.pg_advisory_xact_lock(STARTING)))
        unfinished = db.execute(_UNFINISHED).first()
        if unfinished is not None:
            return unfinished
        steps = count_unlinked(db)
        if steps == 0:
            return None
        return db.execute(_BEGIN, {"now": now, "steps_before": steps}).one()


def is_there(db: Connection, run_id: int) -> bool:
    """Whether there is a run of that id."""
    return db.scalar(select(BackfillRun.id).where(BackfillRun.id == run_id)) is not None


def require_not_undone(db: Connection, run_id: int) -> None:
    """Keep the run from being taken back until the transaction's end.

    Raises `RunUndoneError` where somebody has begun to.
    """
    run = select(BackfillRun.undone_at).where(BackfillRun.id == run_id).with_for_update(read=True)
    if db.scalar(run) is not None:
        raise RunUndoneError(run_id)


def finish(db: Connection, run_id: int, now: datetime, made: dict[str, Any]) -> None:
    """Note that a run looked at every step, in the audit log, too."""
    db.execute(update(BackfillRun).where(BackfillRun.id == run_id).values(finished_at=now))
    _note(db, run_id, "backfill", now, made)


def begin_undo(db: Connection, run_id: int, now: datetime) -> None:
    """Let the run link nothing more; waits for the batches of it that are at work."""
    begun = func.coalesce(BackfillRun.undone_at, now)
    db.execute(update(BackfillRun).where(BackfillRun.id == run_id).values(undone_at=begun))


def note_undone(db: Connection, run_id: int, now: datetime, made: dict[str, Any]) -> None:
    """Note in the audit log what an undo came to."""
    _note(db, run_id, "backfill_undo", now, made)


def _note(db: Connection, run_id: int, action: str, now: datetime, made: dict[str, Any]) -> None:
    operator = Actor(None, "command line", now)
    note_deed(db, operator, action, subject="backfill_run", subject_id=run_id, detail=made)


_UNFINISHED = (
    select(BackfillRun.__table__)
    .where(BackfillRun.finished_at.is_(None), BackfillRun.undone_at.is_(None))
    .order_by(BackfillRun.id)
    .limit(1)
)
_BEGIN = insert(BackfillRun).returning(BackfillRun.__table__)
