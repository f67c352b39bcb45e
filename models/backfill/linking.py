"""Links one batch of steps, in one transaction that locks as every booking does."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, case, select, text
from sqlalchemy.dialects.postgresql import insert

from models.backfill.ahead import Ahead
from models.backfill.deeds import BACKFILL
from models.backfill.finding import UNLINKED
from models.backfill.placing import Left, OldStep, place
from models.backfill.rows import BackfillRow, RowOutcome
from models.backfill.runs import require_not_undone
from models.catalog import CourseStepOption
from models.desk import Desk, Held, Seats
from models.desk_reading import draw_ids
from models.enrolment import StudentCourseStepProgress, StudentPackage
from models.in_set import in_given
from models.laying_desk import lay_desk_for
from models.policy import Policy
from models.scope import Scope
from models.seating import seat_student
from models.set_writing import as_parameter, given_rows
from models.writing_changes import write_changes

Found = Row[*tuple[Any, ...]]
"""A step, as `_ROWS` or `_LOCKED` finds it."""
Examined = dict[str, Any]
"""A row of `backfill_row`."""


@dataclass(frozen=True, slots=True)
class Run:
    """A run: its id, the one moment after which it takes sessions, and the school's policy.

    It is done from `at` on, which is later where it goes on. A dry run has no id, and `ahead`
    instead: what its batches before would have taken.
    """

    id: int | None
    now: datetime
    at: datetime
    policy: Policy
    ahead: Ahead | None = None


def link_batch(db: Connection, run: Run, progress_ids: Sequence[int]) -> list[Examined]:
    """Link these steps or find out why not; returns what was made of each.

    Left out are those that somebody unbooked, linked or pointed at another class meanwhile, or has
    locked now. Takes locks until the transaction's end: classes, sessions and students as every
    booking does, then the steps that are free: the old code locks these before anything else, and
    neither is to wait for the other. Raises `RunUndoneError`.
    """
    if run.id is not None:
        require_not_undone(db, run.id)
    rows = {row.id: row for row in db.execute(_ROWS, {"ids": list(progress_ids)})}
    desk = lay_desk_for(db, _scope(rows.values()), run.now, run.policy)
    if run.ahead is not None:
        run.ahead.lay_on(desk)
    locked = {row.id: row for row in db.execute(_LOCKED, {"ids": list(progress_ids)})}
    ours = [rows[id_] for id_ in progress_ids if _is_same(rows.get(id_), locked.get(id_))]
    desk.booking_ids = draw_ids(db, "booking", len(ours))
    options = _options(db, {row.course_step_id for row in ours})
    examined = [_link(desk, row, options, run.at) for row in ours]
    write_changes(db, desk)
    if run.ahead is not None:
        # what a commit would refuse, a rollback would never tell
        db.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
        run.ahead.remember(desk.changes.booked.values())
    else:
        _note(db, run, examined)
    return examined


def leave_step(db: Connection, run: Run, progress_id: int, why: Left) -> list[Examined]:
    """Leave a step that the database refuses to link, whatever the rules say."""
    rows = db.execute(_ROWS, {"ids": [progress_id]}).all()
    examined = [_examined(row, RowOutcome.LEFT, left=why) for row in rows]
    if run.ahead is None:
        _note(db, run, examined)
    return examined


def _scope(rows: Any) -> Scope:
    return Scope(
        class_ids={row.group_class_id for row in rows if row.group_class_id is not None},
        user_ids={row.user_id for row in rows},
        steps={(row.student_package_id, row.course_step_id) for row in rows},
    )


def _is_same(before: Found | None, locked: Found | None) -> bool:
    """Whether the step is still what the locks were taken for."""
    return (
        before is not None
        and locked is not None
        and before.group_class_id == locked.group_class_id
        and before.student_package_id == locked.student_package_id
        and before.course_step_id == locked.course_step_id
    )


def _options(db: Connection, step_ids: set[int]) -> dict[tuple[int, int], int]:
    """The options of these steps, by step and class."""
    found = db.execute(_OPTIONS, {"step_ids": list(step_ids)})
    return {(row.course_step_id, row.group_class_id): row.id for row in found}


def _link(desk: Desk, row: Found, options: dict[tuple[int, int], int], at: datetime) -> Examined:
    step = desk.steps[row.student_package_id, row.course_step_id]
    option_id = options.get((row.course_step_id, row.group_class_id))
    answer = place(desk, OldStep(step, row.group_class_id, option_id), at)
    if isinstance(answer, Left):
        return _examined(row, RowOutcome.LEFT, left=answer)
    held = _seat(desk, row, answer)
    return _examined(row, RowOutcome.LINKED, held=held)


def _seat(desk: Desk, row: Found, session: Seats) -> Held:
    """Seat the student as of when they booked; their step says that moment still."""
    step = desk.steps[row.student_package_id, row.course_step_id]
    held = seat_student(desk, BACKFILL, step, session)
    held.created_at = row.booked_at or desk.now
    step.booked_at = row.booked_at or desk.now
    return held


def _examined(
    row: Found,
    outcome: RowOutcome,
    *,
    held: Held | None = None,
    left: Left | None = None,
) -> Examined:
    return {
        "progress_id": row.id,
        "user_id": row.user_id,
        "student_package_id": row.student_package_id,
        "course_step_id": row.course_step_id,
        "group_class_id": row.group_class_id,
        "booked_at": row.booked_at,
        "outcome": outcome.value,
        "booking_id": held and held.booking_id,
        "session_id": held and held.session_id,
        "code": left and left.code,
        "detail": left and left.detail,
    }


def _note(db: Connection, run: Run, examined: list[Examined]) -> None:
    """Note what was made of each step.

    Another process of the same run may have left one that could be linked since.
    """
    if examined:
        rows = [{"backfill_run_id": run.id, **row} for row in examined]
        db.execute(_NOTE, {"rows": as_parameter(rows)})


def _insert_or_replace() -> Any:
    names = ("backfill_run_id", "progress_id", "student_package_id", "course_step_id", *_FOUND)
    given = select(*given_rows(BackfillRow, names).c)
    row = insert(BackfillRow).from_select(list(names), given)
    return row.on_conflict_do_update(
        constraint="pk_backfill_row",
        set_={name: row.excluded[name] for name in _FOUND},
    )


_FOUND = (
    "user_id",
    "group_class_id",
    "booked_at",
    "outcome",
    "booking_id",
    "session_id",
    "code",
    "detail",
)
_NOTE = _insert_or_replace()
# one that is infinite, or beyond the year 9999, can't be read, and would end the whole run
_BOOKED_AT = case(
    (
        and_(
            StudentCourseStepProgress.booked_at >= datetime.min.replace(tzinfo=UTC),
            StudentCourseStepProgress.booked_at <= datetime.max.replace(tzinfo=UTC),
        ),
        StudentCourseStepProgress.booked_at,
    )
).label("booked_at")
_ROWS = (
    select(
        StudentCourseStepProgress.id,
        StudentCourseStepProgress.student_package_id,
        StudentCourseStepProgress.course_step_id,
        StudentCourseStepProgress.group_class_id,
        _BOOKED_AT,
        StudentPackage.user_id,
    )
    .join(StudentPackage, StudentPackage.id == StudentCourseStepProgress.student_package_id)
    .where(in_given(StudentCourseStepProgress.id, "ids"), UNLINKED)
)
_LOCKED = (
    select(
        StudentCourseStepProgress.id,
        StudentCourseStepProgress.student_package_id,
        StudentCourseStepProgress.course_step_id,
        StudentCourseStepProgress.group_class_id,
    )
    .where(in_given(StudentCourseStepProgress.id, "ids"), UNLINKED)
    .order_by(StudentCourseStepProgress.id)
    .with_for_update(key_share=True, skip_locked=True)
)
_OPTIONS = select(
    CourseStepOption.id, CourseStepOption.course_step_id, CourseStepOption.group_class_id
).where(in_given(CourseStepOption.course_step_id, "step_ids"))
