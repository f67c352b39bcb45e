"""Expand: the plan's new columns beside the old ones, while the old code runs (plan: phase 1).

`group_class_id` comes beside `session_id` instead of renaming it, and a trigger keeps the two
equal whichever of them is written; a rename would break the old code on the spot.
"""

from alembic import op

from migrations.old_code import KEEP_GROUP_CLASS, STOP_KEEPING_GROUP_CLASS
from migrations.standing_still import lock_tables

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

STAND_STILL = lock_tables("booking", "student_course_step_progress")

COLUMNS = """
CREATE TYPE booking_type AS ENUM ('DROP_IN', 'COURSE_STEP', 'WORKSHOP');
ALTER TABLE booking
    ADD COLUMN booking_type booking_type NOT NULL DEFAULT 'DROP_IN',
    ADD COLUMN course_step_id bigint,
    ADD COLUMN student_package_id bigint,
    ADD COLUMN metadata jsonb;

ALTER TABLE student_course_step_progress
    ADD COLUMN group_class_id bigint,
    ADD COLUMN booking_id bigint;
UPDATE student_course_step_progress SET group_class_id = session_id
    WHERE session_id IS NOT NULL;
"""


def upgrade() -> None:
    op.execute(STAND_STILL)
    op.execute(COLUMNS)
    op.execute(KEEP_GROUP_CLASS)


def downgrade() -> None:
    op.execute(STAND_STILL)
    op.execute(STOP_KEEPING_GROUP_CLASS)
    op.execute(
        "ALTER TABLE student_course_step_progress"
        " DROP COLUMN group_class_id, DROP COLUMN booking_id"
    )
    op.execute(
        "ALTER TABLE booking DROP COLUMN booking_type, DROP COLUMN course_step_id,"
        " DROP COLUMN student_package_id, DROP COLUMN metadata"
    )
    op.execute("DROP TYPE booking_type")
