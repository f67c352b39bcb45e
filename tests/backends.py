"""The database's processes, seen from outside: who waits for a lock, and who is busy."""

from sqlalchemy import Engine, text

WORKERS = "thrive worker"
"""What a worker's connections are called."""


def waiting_backends(engine: Engine, of: str | None = None) -> list[int]:
    """Those of this database that wait for somebody's lock; `of` names an application."""
    return _backends(engine, of, "wait_event_type = 'Lock'")


def busy_backends(engine: Engine, of: str | None = None) -> list[int]:
    """Those of this database that are in a transaction; `of` names an application."""
    return _backends(engine, of, "state <> 'idle'")


def _backends(engine: Engine, of: str | None, condition: str) -> list[int]:
    query = text(
        "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
        f" AND application_name = coalesce(:of, application_name) AND {condition}"
    )
    # a transaction would see what was there at its first look, for ever
    with engine.connect() as db:
        return list(db.scalars(query, {"of": of}))
