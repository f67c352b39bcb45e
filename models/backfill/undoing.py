"""Takes a run back: exactly what it made, and nothing that somebody has changed since."""

from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, Row, bindparam, select, text, update

from models.backfill import runs
from models.backfill.batching import Batches, Pace
from models.backfill.deeds import UNDO
from models.backfill.rows import BackfillRow, RowOutcome
from models.backfill.whole_tables import allow_whole_tables
from models.booking import Booking, BookingStatus
from models.desk import Desk
from models.enrolment import ProgressStatus, StudentCourseStepProgress
from models.in_set import in_given, in_set
from models.laying_desk import lay_desk_for
from models.policy import Policy
from models.promotion_jobs import queue_promotions
from models.scope import Scope
from models.seating import free_seat
from models.set_writing import delete_rows, update_rows
from models.writing_changes import write_changes

Found = Row[*tuple[Any, ...]]
"""A step that the run linked, as `_ROWS` finds it."""


class NoSuchRunError(LookupError):
    """There is no run of this number."""


class ContractedError(Exception):
    """After the contract no step may be booked without a booking, so there is no way back."""


@dataclass(slots=True)
class Undone:
    """What an undo came to: bookings taken away, and those that somebody has changed since."""

    run_id: int
    undone: int = 0
    kept: list[int] = field(default_factory=list)
    pace: Pace = field(default_factory=Pace)


def undo(
    engine: Engine,
    run_id: int,
    policy: Policy,
    now: datetime,
    *,
    dry: bool,
    on_found: Callable[[int], object],
    on_rows: Callable[[int], object],
) -> Undone:
    """Take away the bookings that a run made, and leave its steps as they were before.

    Bookings that were changed, cancelled or attended since are kept. The run links nothing more
    from the beginning on. May be broken off and called again, twice at once, too; of a run that
    was undone there is nothing left to do but what the database kept. With `dry` all is rolled
    back. Raises `NoSuchRunError`, `ContractedError`, and what doesn't pass.
    """
    found = _begin(engine, run_id, now, dry=dry)
    on_found(len(found))
    came_to = Undone(run_id)

    def note(rows: list[_Outcome], size: int) -> None:
        came_to.undone += sum(row["outcome"] == RowOutcome.UNDONE for row in rows)
        came_to.kept += [row["booking_id"] for row in rows if row["outcome"] == RowOutcome.KEPT]
        on_rows(size)

    Batches(
        engine,
        do=lambda db, ids: _undo_batch(db, run_id, ids, policy, now),
        refused=lambda db, id_, _: _keep_for_now(db, run_id, id_),
        on_batch=note,
        dry=dry,
        pace=came_to.pace,
    ).run(found)
    if not dry:
        with engine.begin() as db:
            made = {"undone": came_to.undone, "kept": len(came_to.kept)}
            runs.note_undone(db, run_id, now, made)
    return came_to


_Outcome = dict[str, Any]


def _begin(engine: Engine, run_id: int, now: datetime, *, dry: bool) -> "array[int]":
    """Stop the run, then find the steps that it linked, by their progress ids."""
    with engine.begin() as db:
        allow_whole_tables(db)
        if not runs.is_there(db, run_id):
            raise NoSuchRunError(run_id)
        if not dry:
            runs.begin_undo(db, run_id, now)
        linked = db.scalars(_LINKED, {"run": run_id}, execution_options={"yield_per": 10_000})
        found = array("q", linked)
        if found and db.scalar(text(_CONTRACTED)):
            raise ContractedError
        return found


def _undo_batch(
    db: Connection, run_id: int, progress_ids: Sequence[int], policy: Policy, now: datetime
) -> list[_Outcome]:
    """Free the seats by the one path that frees seats, then remove what is left of the bookings."""
    rows = db.execute(_ROWS, {"run": run_id, "ids": list(progress_ids)}).all()
    desk = lay_desk_for(db, _scope(rows), now, policy)
    # another undo may have been here first
    still = set(db.scalars(_STILL_LINKED, {"run": run_id, "ids": list(progress_ids)}))
    rows = [row for row in rows if row.progress_id in still]
    held_now = {row.id: row.booking_id for row in db.execute(_STEPS, {"ids": list(progress_ids)})}
    undone = [row for row in rows if _is_unchanged(desk, row, held_now.get(row.progress_id))]
    for row in undone:
        free_seat(desk, UNDO, desk.bookings[row.booking_id], None)
    write_changes(db, desk)
    update_rows(db, StudentCourseStepProgress, [_as_before(row) for row in undone])
    delete_rows(db, Booking, [{"id": row.booking_id} for row in undone])
    queue_promotions(db, desk.changes.promotions.values(), now)
    gone = {row.progress_id for row in undone}
    return _note(db, run_id, rows, gone)


def _keep_for_now(db: Connection, run_id: int, progress_id: int) -> list[_Outcome]:
    """Keep a booking that the database doesn't let go; the next undo tries it again."""
    rows = db.execute(_ROWS, {"run": run_id, "ids": [progress_id]}).all()
    return _outcomes(rows, set())


def _scope(rows: Sequence[Found]) -> Scope:
    there = [row for row in rows if row.session_now is not None]
    return Scope(
        class_ids={row.class_now for row in there},
        session_ids={row.session_now for row in there},
        user_ids={row.user_now for row in there},
        steps={(row.student_package_id, row.course_step_id) for row in there},
    )


def _is_unchanged(desk: Desk, row: Found, booking_id: int | None) -> bool:
    """Whether the booking is still the step's, in the session that it was made for."""
    held = desk.bookings.get(row.booking_id)
    return (
        held is not None
        and booking_id == held.booking_id
        and held.status == BookingStatus.CONFIRMED
        and held.session_id == row.session_id
        and held.session_id in desk.sessions
        and held.booking_job_id is None
    )


def _as_before(row: Found) -> _Outcome:
    """The step as the run found it."""
    return {
        "id": row.progress_id,
        "status": ProgressStatus.BOOKED,
        "booking_id": None,
        "group_class_id": row.group_class_id,
        "booked_at": row.booked_at,
    }


def _outcomes(rows: Sequence[Found], gone: set[int]) -> list[_Outcome]:
    return [
        {
            "progress_id": row.progress_id,
            "booking_id": row.booking_id,
            "outcome": RowOutcome.UNDONE if row.progress_id in gone else RowOutcome.KEPT,
        }
        for row in rows
    ]


def _note(db: Connection, run_id: int, rows: Sequence[Found], gone: set[int]) -> list[_Outcome]:
    noted = _outcomes(rows, gone)
    for outcome in (RowOutcome.UNDONE, RowOutcome.KEPT):
        ids = [row["progress_id"] for row in noted if row["outcome"] == outcome]
        db.execute(
            update(BackfillRow)
            .where(BackfillRow.backfill_run_id == run_id, in_set(BackfillRow.progress_id, ids))
            .values(outcome=outcome)
        )
    return noted


_CONTRACTED = """
SELECT EXISTS (SELECT FROM pg_constraint
               WHERE conname = 'ck_student_course_step_progress_status_matches_booking')
"""
_OF_RUN = BackfillRow.backfill_run_id == bindparam("run")
_IS_LINKED = BackfillRow.outcome == RowOutcome.LINKED
_LINKED = (
    select(BackfillRow.progress_id)
    .where(_OF_RUN, _IS_LINKED)
    .order_by(BackfillRow.group_class_id, BackfillRow.progress_id)
)
_ROWS = (
    select(
        BackfillRow.progress_id,
        BackfillRow.student_package_id,
        BackfillRow.course_step_id,
        BackfillRow.group_class_id,
        BackfillRow.booked_at,
        BackfillRow.booking_id,
        BackfillRow.session_id,
        Booking.session_id.label("session_now"),
        Booking.group_class_id.label("class_now"),
        Booking.user_id.label("user_now"),
    )
    .outerjoin(Booking, Booking.id == BackfillRow.booking_id)
    .where(_OF_RUN, _IS_LINKED, in_given(BackfillRow.progress_id, "ids"))
)
_STILL_LINKED = (
    select(BackfillRow.progress_id)
    .where(_OF_RUN, _IS_LINKED, in_given(BackfillRow.progress_id, "ids"))
    .order_by(BackfillRow.progress_id)
    .with_for_update()
)
_STEPS = (
    select(StudentCourseStepProgress.id, StudentCourseStepProgress.booking_id)
    .where(in_given(StudentCourseStepProgress.id, "ids"))
    .order_by(StudentCourseStepProgress.id)
    .with_for_update(key_share=True)
)
