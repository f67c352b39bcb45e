"""Expand: the backfill keeps which run linked which step, to go on where it was and to undo it.

The main line: two tables of their own, nothing that is there is touched.
"""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE backfill_run (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_backfill_run PRIMARY KEY,
    now timestamptz NOT NULL,
    steps_before bigint NOT NULL,
    finished_at timestamptz,
    undone_at timestamptz
);
CREATE TABLE backfill_row (
    backfill_run_id bigint NOT NULL
        CONSTRAINT fk_backfill_row_backfill_run_id REFERENCES backfill_run ON DELETE CASCADE,
    progress_id bigint NOT NULL,
    user_id bigint NOT NULL,
    student_package_id bigint NOT NULL,
    course_step_id bigint NOT NULL,
    group_class_id bigint,
    booked_at timestamptz,
    outcome text NOT NULL CONSTRAINT ck_backfill_row_outcome
        CHECK (outcome IN ('LINKED', 'LEFT', 'UNDONE', 'KEPT')),
    booking_id bigint,
    session_id bigint,
    code text,
    detail text,
    CONSTRAINT pk_backfill_row PRIMARY KEY (backfill_run_id, progress_id),
    CONSTRAINT ck_backfill_row_booking CHECK ((outcome = 'LEFT') = (booking_id IS NULL)),
    CONSTRAINT ck_backfill_row_session CHECK ((booking_id IS NULL) = (session_id IS NULL)),
    CONSTRAINT ck_backfill_row_left_says_why CHECK (outcome <> 'LEFT' OR code IS NOT NULL)
);
CREATE UNIQUE INDEX uq_backfill_row_booking_id ON backfill_row (booking_id)
    WHERE booking_id IS NOT NULL;
"""


def upgrade() -> None:
    op.execute(TABLES)


def downgrade() -> None:
    op.execute("DROP TABLE backfill_row, backfill_run")
