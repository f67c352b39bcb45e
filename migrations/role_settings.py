"""What the application's role is told in its database, set where a pooler can't drop it."""

from sqlalchemy import Engine, text

TIMEOUTS = {
    "lock_timeout": "3s",
    "statement_timeout": "5s",
    "idle_in_transaction_session_timeout": "10s",
    "transaction_timeout": "15s",
}
"""How long it may wait for anything."""
PLANNING = {"random_page_cost": "1.1"}
"""What a page costs that isn't the next one: little on any disk of today, and most are in memory.

With PostgreSQL's default of 4, which is a turning disk's, a set of a hundred rows was looked for by
reading a table of 20,000 rows from end to end, over and over (measured: half of all bookings/s).
"""
SETTINGS = TIMEOUTS | PLANNING
NEWER = {"transaction_timeout": (17,)}
"""Settings that only servers of this version and later have."""

ALTER = """
DO $$ BEGIN
    EXECUTE format('ALTER ROLE %I IN DATABASE %I {change}', current_user, current_database());
END $$
"""


def set_role_settings(engine: Engine) -> None:
    """Give the connected role its settings in this database; new connections have them.

    By ALTER ROLE and not as connection options, which don't pass PgBouncer.
    """
    _alter_role(engine, "SET {name} = ''{value}''")


def reset_role_settings(engine: Engine) -> None:
    """Take from the connected role the settings that it has in this database."""
    _alter_role(engine, "RESET {name}")


def _alter_role(engine: Engine, change: str) -> None:
    with engine.begin() as db:
        version = db.dialect.server_version_info or ()
        for name, value in SETTINGS.items():
            if version >= NEWER.get(name, ()):
                db.execute(text(ALTER.format(change=change.format(name=name, value=value))))
