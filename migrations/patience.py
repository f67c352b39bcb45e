"""How long a migration's transaction may wait, whatever the role's own timeouts are."""

from sqlalchemy import Connection

ENDLESS = {
    "statement_timeout": (),
    "idle_in_transaction_session_timeout": (),
    "transaction_timeout": (17,),
}
"""Limits that would end a long migration, with the server version that first has them."""


def set_patience(connection: Connection, *, lock_timeout: str) -> None:
    """Let the transaction that just began wait `lock_timeout` for a lock, and work without end."""
    connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{lock_timeout}'")
    version = connection.dialect.server_version_info or ()
    for name, since in ENDLESS.items():
        if version >= since:
            connection.exec_driver_sql(f"SET LOCAL {name} = 0")
