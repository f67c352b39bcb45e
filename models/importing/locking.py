"""Locks of an import, taken in the one order that everyone keeps: classes, sessions, students."""

from sqlalchemy import Connection, text

from models.importing.staging import GROUP_CLASSES, SESSIONS, USERS, compare

_ONE_IMPORT_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtext('thrive catalog import'))"

_LOCKS = (
    """SELECT count(*) FROM (
           SELECT FROM group_class WHERE id IN (
               SELECT group_class_id FROM incoming_session WHERE state <> 'same'
               UNION SELECT id FROM incoming_group_class WHERE state = 'changed')
           ORDER BY id FOR NO KEY UPDATE) AS locked""",
    """SELECT count(*) FROM (
           SELECT FROM session WHERE id IN (
               SELECT id FROM incoming_session WHERE state = 'changed')
           ORDER BY id FOR NO KEY UPDATE) AS locked""",
    """SELECT count(*) FROM (
           SELECT FROM user_account WHERE id IN (
               SELECT id FROM incoming_user_account WHERE state = 'changed')
           ORDER BY id FOR NO KEY UPDATE) AS locked""",
)


def wait_for_other_imports(db: Connection) -> None:
    """Let one import run at a time, until the end of the transaction."""
    db.execute(text(_ONE_IMPORT_AT_A_TIME))


def lock_changing_rows(db: Connection) -> None:
    """Lock the rows that the import will change, then compare them again under the locks.

    Rows that were found unchanged are not locked: an import repeated with few changes leaves
    the bookings of all other classes alone.
    """
    for statement in _LOCKS:
        db.execute(text(statement))
    for kind in (GROUP_CLASSES, SESSIONS, USERS):
        compare(db, kind)
