"""Expand: calendars, reminders and webhooks, and messages that are sent again.

The main line: beside the old code or after it. Nothing that is there is rewritten, only added to;
what takes longer with more rows is left to 0007.
"""

from alembic import op

from migrations import old_calendars
from migrations.standing_still import lock_tables

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

CHANGED = ("user_account", "booking", "student_course_step_progress", "outbox_message")
"""The tables that this revision changes or refers to."""

# a downgrade leaves what the calendars of students know their entries by: with another id all of
# them would be there twice, and a lower number is taken for old news
ENTRIES = """
ALTER TABLE booking ADD COLUMN IF NOT EXISTS calendar_sequence integer NOT NULL DEFAULT 0;
ALTER TABLE student_course_step_progress ADD COLUMN IF NOT EXISTS calendar_sequence integer;

CREATE TABLE IF NOT EXISTS installation (
    singleton boolean NOT NULL DEFAULT true CONSTRAINT pk_installation PRIMARY KEY,
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    CONSTRAINT ck_installation_singleton CHECK (singleton)
);
INSERT INTO installation DEFAULT VALUES ON CONFLICT DO NOTHING;
"""

FEEDS = """
CREATE TABLE user_token (
    user_id bigint NOT NULL CONSTRAINT fk_user_token_user_id
        REFERENCES user_account ON DELETE CASCADE ON UPDATE CASCADE,
    purpose text NOT NULL CONSTRAINT ck_user_token_purpose
        CHECK (purpose IN ('CALENDAR', 'UNSUBSCRIBE')),
    token text NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT pk_user_token PRIMARY KEY (user_id, purpose)
);
CREATE UNIQUE INDEX uq_user_token_token ON user_token (token);
"""

MESSAGES = """
ALTER TABLE outbox_message ADD COLUMN resend_of uuid;
"""

REMINDERS = """
CREATE TABLE reminder (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_reminder PRIMARY KEY,
    booking_id bigint NOT NULL CONSTRAINT fk_reminder_booking_id
        REFERENCES booking ON DELETE CASCADE ON UPDATE CASCADE,
    kind text NOT NULL CONSTRAINT ck_reminder_kind CHECK (kind IN ('BEFORE_START')),
    start_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL,
    outbox_message_id uuid NOT NULL,
    created_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX uq_reminder_booking_id_kind_start_at ON reminder (booking_id, kind, start_at);
"""

WEBHOOKS = """
CREATE TABLE webhook_endpoint (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_webhook_endpoint PRIMARY KEY,
    url text NOT NULL,
    event_types text[],
    secret text NOT NULL,
    previous_secret text,
    previous_secret_until timestamptz,
    enabled boolean NOT NULL DEFAULT true,
    disabled_at timestamptz,
    disabled_reason text CONSTRAINT ck_webhook_endpoint_disabled_reason
        CHECK (disabled_reason IN ('STAFF', 'GONE', 'FAILING')),
    failing_since timestamptz,
    last_failed_at timestamptz,
    created_at timestamptz NOT NULL,
    created_by bigint CONSTRAINT fk_webhook_endpoint_created_by
        REFERENCES user_account ON DELETE SET NULL ON UPDATE CASCADE,
    deleted_at timestamptz,
    CONSTRAINT ck_webhook_endpoint_disabled_says_why
        CHECK (enabled = (disabled_at IS NULL) AND enabled = (disabled_reason IS NULL)),
    CONSTRAINT ck_webhook_endpoint_deleted_is_disabled CHECK (deleted_at IS NULL OR NOT enabled),
    CONSTRAINT ck_webhook_endpoint_previous_secret_ends
        CHECK ((previous_secret IS NULL) = (previous_secret_until IS NULL))
);

CREATE TABLE webhook_delivery (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_webhook_delivery PRIMARY KEY,
    webhook_endpoint_id bigint NOT NULL CONSTRAINT fk_webhook_delivery_webhook_endpoint_id
        REFERENCES webhook_endpoint ON DELETE CASCADE,
    cause text NOT NULL CONSTRAINT ck_webhook_delivery_cause
        CHECK (cause IN ('EVENT', 'TEST', 'REPLAY')),
    event_id uuid NOT NULL,
    event_type text NOT NULL,
    position bigint,
    status text NOT NULL DEFAULT 'PENDING' CONSTRAINT ck_webhook_delivery_status
        CHECK (status IN ('PENDING', 'SENDING', 'DELIVERED', 'DEAD')),
    attempts smallint NOT NULL DEFAULT 0,
    lease_token uuid,
    lease_until timestamptz,
    next_attempt_at timestamptz NOT NULL DEFAULT now(),
    created_at timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz,
    response_status integer,
    last_error text,
    CONSTRAINT ck_webhook_delivery_sending_has_lease
        CHECK ((status = 'SENDING') = (lease_token IS NOT NULL)),
    CONSTRAINT ck_webhook_delivery_test_has_no_position
        CHECK ((cause = 'TEST') = (position IS NULL))
);
CREATE UNIQUE INDEX uq_webhook_delivery_event ON webhook_delivery (webhook_endpoint_id, position)
    WHERE cause = 'EVENT';
CREATE INDEX ix_webhook_delivery_webhook_endpoint_id_id
    ON webhook_delivery (webhook_endpoint_id, id);
CREATE INDEX ix_webhook_delivery_due
    ON webhook_delivery (webhook_endpoint_id, next_attempt_at, id) WHERE status = 'PENDING';
CREATE INDEX ix_webhook_delivery_leased ON webhook_delivery (webhook_endpoint_id, lease_until)
    WHERE status = 'SENDING';
"""

UNDO = """
DROP TABLE webhook_delivery, webhook_endpoint, reminder;

ALTER TABLE outbox_message DROP COLUMN resend_of;

DROP TABLE user_token;
"""


def upgrade() -> None:
    for part in (
        lock_tables(*CHANGED),
        ENTRIES,
        FEEDS,
        MESSAGES,
        REMINDERS,
        WEBHOOKS,
        old_calendars.FOLLOW,
    ):
        op.execute(part)


def downgrade() -> None:
    op.execute(lock_tables(*CHANGED))
    for part in (old_calendars.STOP, UNDO):
        op.execute(part)
