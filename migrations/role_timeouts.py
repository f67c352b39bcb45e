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

ALTER = """
DO $$ BEGIN
    EXECUTE format('ALTER ROLE %I IN DATABASE %I {change}', current_user, current_database());
END $$
"""


def set_role_timeouts(engine: Engine) -> None:
    """Give the connected role its timeouts in this database; new connections have them.

    By ALTER ROLE and not as connection options, which don't pass PgBouncer.
    """
    _alter_role(engine, "SET {name} = ''{value}''")


def reset_role_timeouts(engine: Engine) -> None:
    """Take from the connected role the timeouts that it has in this database."""
    _alter_role(engine, "RESET {name}")


def _alter_role(engine: Engine, change: str) -> None:
    with engine.begin() as db:
        version = db.dialect.server_version_info or ()
        for name, value in TIMEOUTS.items():
            if version >= NEWER.get(name, ()):
                db.execute(text(ALTER.format(change=change.format(name=name, value=value))))
