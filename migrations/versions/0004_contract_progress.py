"""Contract: what only the old code needed goes, and the rules it would have broken come.

Run it when no old code runs any more and the backfill has linked every booked step to a
booking; it refuses before that.
"""

from alembic import op
from alembic.util import CommandError
from sqlalchemy import text

from migrations.old_code import (
    COUNT_OLD_WRITES,
    KEEP_GROUP_CLASS,
    STOP_COUNTING_OLD_WRITES,
    STOP_KEEPING_GROUP_CLASS,
)

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

CONTRACT = """
INSERT INTO migration_finding (revision, rule, subject, subject_id, detail)
    SELECT '0004', 'group_class_known', 'student_course_step_progress', id,
           jsonb_build_object('group_class_id', group_class_id, 'done', 'set to null')
    FROM student_course_step_progress AS progress
    WHERE group_class_id IS NOT NULL
      AND NOT EXISTS (SELECT FROM group_class WHERE group_class.id = progress.group_class_id);
UPDATE student_course_step_progress AS progress SET group_class_id = NULL
    WHERE group_class_id IS NOT NULL
      AND NOT EXISTS (SELECT FROM group_class WHERE group_class.id = progress.group_class_id);

ALTER TABLE student_course_step_progress
    DROP COLUMN session_id,
    ADD CONSTRAINT fk_student_course_step_progress_group_class_id
        FOREIGN KEY (group_class_id) REFERENCES group_class,
    ADD CONSTRAINT ck_student_course_step_progress_status_matches_booking
        CHECK (CASE status WHEN 'UNBOOKED' THEN booking_id IS NULL
               WHEN 'BOOKED' THEN booking_id IS NOT NULL ELSE true END);
"""

UNLINKED = """
SELECT count(*) FROM student_course_step_progress
WHERE (status = 'BOOKED') <> (booking_id IS NOT NULL) AND status <> 'COMPLETED'
"""


def upgrade() -> None:
    unlinked = op.get_bind().execute(text(UNLINKED)).scalar_one()
    if unlinked:
        raise CommandError(
            f"{unlinked} booked steps have no booking yet: backfill them before this revision,"
            " or stay at 0003 while the old code runs"
        )
    op.execute(STOP_KEEPING_GROUP_CLASS)
    op.execute(STOP_COUNTING_OLD_WRITES)
    op.execute(CONTRACT)


def downgrade() -> None:
    op.execute(
        "ALTER TABLE student_course_step_progress"
        " DROP CONSTRAINT ck_student_course_step_progress_status_matches_booking,"
        " DROP CONSTRAINT fk_student_course_step_progress_group_class_id,"
        " ADD COLUMN session_id bigint"
    )
    op.execute("UPDATE student_course_step_progress SET session_id = group_class_id")
    op.execute(KEEP_GROUP_CLASS)
    op.execute(COUNT_OLD_WRITES)
