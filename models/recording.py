"""Records a batch: what it changed, what could be offered instead, each job's outcome, the queue.

All of it in the transaction that holds the batch's locks, so that it is seen together or not
at all.
"""

from typing import Any

from sqlalchemy import Connection

from models.alternatives import offer_alternatives
from models.booking_job import JobStatus
from models.desk import Desk
from models.finishing import finish_jobs, leave_queue
from models.promotion_jobs import Queued, queue_promotions
from models.verdict import Verdict
from models.writing_changes import write_changes, write_messages


def record(
    db: Connection, desk: Desk, verdicts: list[Verdict], task_id: str | None
) -> list[Queued]:
    """Write the verdicts of a batch; returns the promotions that it queued.

    Alternatives are looked for after the seats are written, and the messages that offer them
    are written last.
    """
    write_changes(db, desk)
    offer_alternatives(db, desk, verdicts)
    write_messages(db, desk)
    _finish(db, desk, verdicts, task_id)
    return queue_promotions(db, desk.changes.promotions.values(), desk.now)


def record_dry_run(
    db: Connection, desk: Desk, verdicts: list[Verdict], task_id: str | None
) -> None:
    """Write what would change, look at what could be offered then, and undo it all.

    Only the job's outcome stays.
    """
    with db.begin_nested() as savepoint:
        write_changes(db, desk)
        offer_alternatives(db, desk, verdicts)
        savepoint.rollback()
    _finish(db, desk, verdicts, task_id)


def _finish(db: Connection, desk: Desk, verdicts: list[Verdict], task_id: str | None) -> None:
    finish_jobs(db, [_outcome(verdict) for verdict in verdicts], desk.now, task_id)
    leave_queue(db, [verdict.job for verdict in verdicts])


def _outcome(verdict: Verdict) -> dict[str, Any]:
    succeeded = verdict.status == JobStatus.SUCCEEDED
    told = verdict.tell()
    return {
        "id": verdict.job.id,
        "status": verdict.status,
        "result": told if succeeded else None,
        "error": None if succeeded else told,
    }
