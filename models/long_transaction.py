"""Time limits of a transaction that is meant to be long; the role's own are for bookings."""

from sqlalchemy import Connection, text

LOCK_SECONDS = 30


def allow_long_transaction(db: Connection, minutes: int) -> None:
    """Give this transaction alone `minutes` in all, and half a minute for each lock."""
    limits = [
        ("lock_timeout", LOCK_SECONDS),
        ("statement_timeout", minutes * 60),
        ("idle_in_transaction_session_timeout", minutes * 60),
    ]
    if (db.dialect.server_version_info or ()) >= (17,):
        # the role's clock is running already, and only ending it lets another one start
        limits += [("transaction_timeout", 0), ("transaction_timeout", minutes * 60)]
    for name, seconds in limits:
        db.execute(
            text("SELECT set_config(:name, :value, true)"), {"name": name, "value": f"{seconds}s"}
        )
