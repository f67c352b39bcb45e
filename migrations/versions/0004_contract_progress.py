"""Contract: what only the old code needed goes, and the rules it would have broken come.

Run it when no old code runs any more and every booked step is linked to a booking; it refuses
before that. It is a branch of its own, so that the main line can go on while the old code runs.
"""

from alembic import op
from alembic.util import CommandError
from sqlalchemy import text

from migrations import repairs
from migrations.old_code import (
    FOLLOW_OLD_WRITES,
    KEEP_GROUP_CLASS,
    STOP_FOLLOWING_OLD_WRITES,
    STOP_KEEPING_GROUP_CLASS,
)
from migrations.standing_still import lock_tables

revision = "0004"
down_revision = "0003"
branch_labels = ("contract",)
depends_on = None

STAND_STILL = lock_tables(
    "group_class",
    "session",
    "booking",
    "course_step_option",
    "student_package",
    "student_course_step_progress",
)

MISFITS = """
SELECT count(*) FILTER (WHERE status = 'BOOKED' AND booking_id IS NULL) AS booked,
       count(*) FILTER (WHERE status = 'UNBOOKED' AND booking_id IS NOT NULL) AS unbooked
FROM student_course_step_progress
"""

CONTRACT = """
ALTER TABLE group_class ADD CONSTRAINT ck_group_class_capacity_max CHECK (capacity_max >= 0);
ALTER TABLE booking
    DROP CONSTRAINT fk_booking_session_id,
    ALTER CONSTRAINT fk_booking_session_id_group_class_id NOT DEFERRABLE,
    ALTER CONSTRAINT fk_booking_student_package_id_user_id NOT DEFERRABLE;
ALTER TABLE student_course_step_progress
    DROP COLUMN session_id,
    ADD CONSTRAINT fk_student_course_step_progress_group_class_id
        FOREIGN KEY (group_class_id) REFERENCES group_class,
    ADD CONSTRAINT ck_student_course_step_progress_status_matches_booking
        CHECK (CASE status WHEN 'UNBOOKED' THEN booking_id IS NULL
               WHEN 'BOOKED' THEN booking_id IS NOT NULL ELSE true END);
"""

EXPAND = """
ALTER TABLE group_class DROP CONSTRAINT ck_group_class_capacity_max;
ALTER TABLE booking
    ADD CONSTRAINT fk_booking_session_id FOREIGN KEY (session_id) REFERENCES session,
    ALTER CONSTRAINT fk_booking_session_id_group_class_id DEFERRABLE INITIALLY DEFERRED,
    ALTER CONSTRAINT fk_booking_student_package_id_user_id DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE student_course_step_progress
    DROP CONSTRAINT ck_student_course_step_progress_status_matches_booking,
    DROP CONSTRAINT fk_student_course_step_progress_group_class_id,
    ADD COLUMN session_id bigint;
"""

FILL_SESSION_ID = """
UPDATE student_course_step_progress SET session_id = group_class_id
    WHERE group_class_id IS NOT NULL;
"""


def upgrade() -> None:
    op.execute(STAND_STILL)
    refuse_misfits()
    for part in (
        STOP_KEEPING_GROUP_CLASS,
        *STOP_FOLLOWING_OLD_WRITES,
        repairs.MEND_CLASSES,
        repairs.FORGET_UNKNOWN_CLASSES,
        CONTRACT,
    ):
        op.execute(part)


def downgrade() -> None:
    for part in (
        STAND_STILL,
        EXPAND,
        repairs.GIVE_BACK_WHAT_0004_CHANGED,
        FILL_SESSION_ID,
        KEEP_GROUP_CLASS,
        *FOLLOW_OLD_WRITES,
    ):
        op.execute(part)


def refuse_misfits() -> None:
    """Refuse to go on while a step says one thing and its link to a booking another."""
    misfits = op.get_bind().execute(text(MISFITS)).one()
    sentences = []
    if misfits.booked:
        sentences.append(
            f"Booked steps without a booking: {misfits.booked};"
            " link them first (flask --app app backfill-bookings),"
            " or leave the contract until the old code has ended."
        )
    if misfits.unbooked:
        sentences.append(
            f"Unbooked steps with a booking: {misfits.unbooked};"
            " cancel the bookings and clear the links first."
        )
    if sentences:
        raise CommandError(
            " ".join([*sentences, "docs/migrations.md has a query that lists them."])
        )
