"""Expand: staff find quickly what was never sent, and what was sent again.

The main line, in a transaction of its own: the longer the outbox, the longer its indexes take, and
only who writes messages waits for them, not the whole site as in 0006. Not `CONCURRENTLY`: that
knows no `SET LOCAL`, so the role's time limits would end it, and it waits for whoever has an older
snapshot, such as another migration that waits for this one. Whoever can't wait builds them by hand
before (docs/migrations.md); they are found then.
"""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

# what a build by hand left unfinished is no index, but has the name of one
DROP_UNFINISHED = """
DO $$ DECLARE unfinished regclass; BEGIN
    FOR unfinished IN
        SELECT indexrelid FROM pg_index
        WHERE NOT indisvalid
          AND indexrelid IN (to_regclass('ix_outbox_message_never_sent'),
                             to_regclass('ix_outbox_message_resend_of'))
    LOOP
        EXECUTE format('DROP INDEX %s', unfinished);
    END LOOP;
END $$;
"""

INDEXES = """
CREATE INDEX IF NOT EXISTS ix_outbox_message_never_sent ON outbox_message (status, kind, id)
    WHERE status IN ('DEAD', 'SUPERSEDED');
CREATE INDEX IF NOT EXISTS ix_outbox_message_resend_of ON outbox_message (resend_of)
    WHERE resend_of IS NOT NULL;
"""


def upgrade() -> None:
    for part in (DROP_UNFINISHED, INDEXES):
        op.execute(part)


def downgrade() -> None:
    op.execute("DROP INDEX ix_outbox_message_never_sent, ix_outbox_message_resend_of")
