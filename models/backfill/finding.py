"""Finds the steps that the old code booked and nobody linked yet."""

from array import array

from sqlalchemy import ColumnElement, Connection, Engine, and_, exists, func, select

from models.backfill.rows import BackfillRow
from models.backfill.whole_tables import allow_whole_tables
from models.enrolment import ProgressStatus, StudentCourseStepProgress

UNLINKED: ColumnElement[bool] = and_(
    StudentCourseStepProgress.status == ProgressStatus.BOOKED,
    StudentCourseStepProgress.booking_id.is_(None),
)


def count_unlinked(db: Connection) -> int:
    """How many steps are booked without a booking."""
    return db.scalars(select(func.count()).where(UNLINKED)).one()


def find_unlinked(engine: Engine, run_id: int | None) -> "array[int]":
    """The steps without a booking that this run hasn't looked at, by their progress ids.

    Those of one class together, who booked first before the others.
    """
    done = exists().where(
        BackfillRow.backfill_run_id == run_id,
        BackfillRow.progress_id == StudentCourseStepProgress.id,
    )
    found = (
        select(StudentCourseStepProgress.id)
        .where(UNLINKED, ~done)
        .order_by(
            StudentCourseStepProgress.group_class_id,
            StudentCourseStepProgress.booked_at,
            StudentCourseStepProgress.id,
        )
    )
    with engine.begin() as db:
        allow_whole_tables(db)
        rows = db.scalars(found, execution_options={"yield_per": 10_000})
        # eight bytes a step, so that millions fit
        return array("q", rows)
