"""What is still to be done and what couldn't be, in numbers, for `/metrics`."""

from dataclasses import dataclass, field

from sqlalchemy import Connection, text

from models.outbox import OutboxKind


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many wait, and for how many seconds the one that waits the longest; 0 when none does."""

    number: int = 0
    oldest_seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkInHand:
    """One look at everything that may pile up; ages are by the database's clock."""

    queued: Waiting
    """Jobs that are not decided yet."""
    failed_jobs: int
    unsent: dict[str, Waiting] = field(default_factory=dict)
    """Messages that have not left yet, by kind; those that will be tried again are among them."""
    dead: dict[str, int] = field(default_factory=dict)
    """Messages that were given up, by kind."""
    disabled_webhooks: int
    """Endpoints that get nothing any more, though no staff said so."""
    seen_seconds_ago: dict[str, float] = field(default_factory=dict)
    """Since each kind of process was last alive."""


def look_at_work(db: Connection) -> WorkInHand:
    """Count, each by an index of what is unfinished: the cost grows with that and nothing else."""
    unsent, dead = db.execute(_UNSENT).all(), db.execute(_DEAD).all()
    return WorkInHand(
        queued=Waiting(*db.execute(_QUEUED).one()),
        failed_jobs=db.execute(_FAILED).scalar_one(),
        unsent={kind: Waiting() for kind in OutboxKind}
        | {row.kind: Waiting(row.number, row.oldest) for row in unsent},
        dead=dict.fromkeys(OutboxKind, 0) | {row.kind: row.dead for row in dead},
        disabled_webhooks=db.execute(_DISABLED).scalar_one(),
        seen_seconds_ago={row.process: row.seconds for row in db.execute(_SEEN)},
    )


_QUEUED = text(
    "SELECT count(DISTINCT job_id),"
    " coalesce(extract(epoch FROM clock_timestamp() - min(submitted_at)), 0)::float8"
    " FROM job_queue"
)
_FAILED = text("SELECT count(*) FROM booking_job WHERE status = 'FAILED'")
_UNSENT = text(
    "SELECT kind, count(*) AS number,"
    " extract(epoch FROM clock_timestamp() - min(created_at))::float8 AS oldest"
    " FROM outbox_message WHERE status IN ('PENDING', 'SENDING') GROUP BY kind"
)
_DEAD = text(
    "SELECT kind, count(*) AS dead FROM outbox_message WHERE status = 'DEAD' GROUP BY kind"
)
_DISABLED = text(
    "SELECT count(*) FROM webhook_endpoint WHERE disabled_reason <> 'STAFF' AND deleted_at IS NULL"
)
_SEEN = text(
    "SELECT process, extract(epoch FROM clock_timestamp() - seen_at)::float8 AS seconds"
    " FROM process_heartbeat"
)
