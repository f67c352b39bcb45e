"""How long the application's role may wait for anything, set where a pooler can't drop it."""

from sqlalchemy import Engine, text

TIMEOUTS = {
    "lock_timeout": "3s",
    "statement_timeout": "5s",
    "idle_in_transaction_session_timeout": "10s",
    "transaction_timeout": "15s",
}
NEWER = {"transaction_timeout": (17,)}
"""Settings that only servers of this version and later have."""

SET = """
DO $$ BEGIN
    EXECUTE format('ALTER ROLE %I IN DATABASE %I SET {name} = %L',
                   current_user, current_database(), '{value}');
END $$
"""


def set_role_timeouts(engine: Engine) -> None:
    """Give the connected role its timeouts in this database; new connections have them.

    By ALTER ROLE and not as connection options, which don't pass PgBouncer.
    """
    with engine.begin() as db:
        version = db.dialect.server_version_info or ()
        for name, value in TIMEOUTS.items():
            if version >= NEWER.get(name, ()):
                db.execute(text(SET.format(name=name, value=value)))
