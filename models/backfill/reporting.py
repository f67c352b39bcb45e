"""What a run couldn't place, for people to decide."""

from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import Connection, select

from models.backfill.rows import BackfillRow, RowOutcome

COLUMNS = (
    "progress_id",
    "student_package_id",
    "user_id",
    "course_step_id",
    "group_class_id",
    "booked_at",
    "code",
    "detail",
)


def left_by_run(db: Connection, run_id: int) -> Iterator[dict[str, Any]]:
    """The steps that a run left, by their ids; read a thousand at a time."""
    left = _LEFT.where(BackfillRow.backfill_run_id == run_id)
    for row in db.execute(left, execution_options={"yield_per": 1_000}).mappings():
        yield dict(row)


def left_of(examined: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same of what was examined."""
    return [
        {name: row[name] for name in COLUMNS}
        for row in examined
        if row["outcome"] == RowOutcome.LEFT
    ]


_LEFT = (
    select(*(BackfillRow.__table__.c[name] for name in COLUMNS))
    .where(BackfillRow.outcome == RowOutcome.LEFT)
    .order_by(BackfillRow.progress_id)
)
