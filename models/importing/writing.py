"""Writes a staged catalog that has no faults, a few statements for each kind of row."""

from typing import NamedTuple

from sqlalchemy import Connection, func, insert, select, text, update

from models.importing.staging import KINDS, Kind


class Counts(NamedTuple):
    """How many rows of a kind were new, changed, and the same as before."""

    new: int
    changed: int
    same: int


# two rows that exchange a unique value would collide half-way; a parked value is one that no
# catalog can give, and the row is rewritten in this transaction
_PARK = (
    """
    UPDATE user_account AS holder SET email = 'parked ' || holder.id
    FROM incoming_user_account AS staged
    WHERE staged.state <> 'same' AND lower(holder.email) = lower(staged.email)
      AND holder.id <> staged.id
    """,
    """
    UPDATE course_step AS holder SET step_order = -holder.id
    FROM incoming_course_step AS staged
    WHERE staged.state <> 'same' AND holder.course_program_id = staged.course_program_id
      AND holder.step_order = staged.step_order AND holder.id <> staged.id
    """,
)

_ADD_PROGRESS = """
INSERT INTO student_course_step_progress (student_package_id, course_step_id)
SELECT package.id, step.id
FROM student_package AS package
JOIN course_cohort AS cohort ON cohort.id = package.course_cohort_id
JOIN course_step AS step ON step.course_program_id = cohort.course_program_id
WHERE (package.id IN (SELECT id FROM incoming_student_package)
       OR step.id IN (SELECT id FROM incoming_course_step))
  AND NOT EXISTS (SELECT FROM student_course_step_progress AS there
                  WHERE there.student_package_id = package.id
                    AND there.course_step_id = step.id)
ORDER BY package.id, step.id
ON CONFLICT (student_package_id, course_step_id) DO NOTHING
"""

_COUNT_PROGRESS = """
SELECT count(*) FROM student_course_step_progress
WHERE student_package_id IN (SELECT id FROM incoming_student_package)
   OR course_step_id IN (SELECT id FROM incoming_course_step)
"""

# an id near the end of the range would leave none to draw; the sequence stays below those
_MOVE_SEQUENCE = """
SELECT setval(pg_get_serial_sequence(:name, 'id'), newest.id)
FROM (SELECT max(id) AS id FROM {incoming} WHERE id < (1::bigint << 62)) AS newest
WHERE newest.id > (SELECT coalesce(last_value, 0) FROM pg_sequences
    WHERE format('%I.%I', schemaname, sequencename) = pg_get_serial_sequence(:name, 'id'))
"""


def write(db: Connection) -> dict[str, Counts]:
    """Insert the new rows, update the changed ones, add the progress rows that are missing.

    Returns the counts by the kinds' printed names. The caller has checked for faults and holds
    the locks.
    """
    for statement in _PARK:
        db.execute(text(statement))
    counts = {kind.name: _write(db, kind) for kind in KINDS}
    counts["progress"] = _add_progress(db)
    for kind in KINDS:
        if kind.key == ("id",):
            _move_sequence(db, kind)
    return counts


def _write(db: Connection, kind: Kind) -> Counts:
    staged, stored, columns = kind.staged, kind.stored, kind.columns
    states = select(staged.c.state, func.count()).group_by(staged.c.state)
    state: dict[str, int] = dict(db.execute(states).all())
    new = select(*(staged.c[name] for name in columns)).where(staged.c.state == "new")
    db.execute(insert(stored).from_select(columns, new.order_by(staged.c.place)))
    values = {name: staged.c[name] for name in columns if name not in kind.key}
    db.execute(update(stored).where(kind.same_key(), staged.c.state == "changed").values(values))
    return Counts(state.get("new", 0), state.get("changed", 0), state.get("same", 0))


def _add_progress(db: Connection) -> Counts:
    there = db.execute(text(_COUNT_PROGRESS)).scalar_one()
    return Counts(db.execute(text(_ADD_PROGRESS)).rowcount, 0, there)


def _move_sequence(db: Connection, kind: Kind) -> None:
    statement = _MOVE_SEQUENCE.format(incoming=kind.staged.name)
    db.execute(text(statement), {"name": kind.stored.name})
