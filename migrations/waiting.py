"""Keeps a downgrade from taking away what somebody was promised and still waits for."""

from alembic.util import CommandError
from sqlalchemy import Connection, text

WAITING = """
SELECT (SELECT count(*) FROM booking_job WHERE status = 'QUEUED') AS jobs,
       (SELECT count(*) FROM outbox_message WHERE status IN ('PENDING', 'SENDING')) AS messages
"""

WITH_ALL_KINDS = "0005"
"""The revision that jobs of other kinds than `BOOK_STEP` came with."""

WAITING_FOR_0005 = """
SELECT count(*) FROM booking_job WHERE status = 'QUEUED' AND kind <> 'BOOK_STEP'
"""


def refuse_while_something_waits(db: Connection) -> None:
    """Keep the word given to whoever has a job accepted or a message on its way."""
    waiting = db.execute(text(WAITING)).one()
    if waiting.jobs or waiting.messages:
        raise CommandError(
            f"jobs to decide: {waiting.jobs}, mails and events to send: {waiting.messages};"
            " let the workers finish them before you go below 0003, which deletes their tables"
        )


def refuse_while_a_job_needs_0005(db: Connection) -> None:
    """Keep it to whoever has a job accepted that no release before 0005 could decide."""
    jobs = db.scalar(text(WAITING_FOR_0005))
    if jobs:
        raise CommandError(
            f"jobs to decide that 0003 doesn't know: {jobs};"
            " let the workers finish them before you go below 0005"
        )
