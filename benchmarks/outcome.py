"""What must be true after every scenario; figures of a wrong outcome are worth nothing."""

from sqlalchemy import Engine, text

from benchmarks.failure import require
from models.invariants import check_invariants


def number(engine: Engine, query: str, **values: object) -> int:
    """Return the one number that a query answers."""
    with engine.connect() as db:
        return int(db.scalar(text(query), values) or 0)


def check_decided(engine: Engine) -> None:
    """Require that nothing waits any more, nothing failed, and no invariant is broken."""
    require(number(engine, "SELECT count(*) FROM job_queue") == 0, "queue rows are left")
    undone = number(
        engine, "SELECT count(*) FROM booking_job WHERE status NOT IN ('SUCCEEDED', 'REFUSED')"
    )
    require(undone == 0, f"{undone} jobs are neither done nor refused")
    violations = check_invariants(engine).violations
    require(not violations, "\n".join(map(str, violations[:10])))


def check_seats(engine: Engine, low: int, high: int, expected: int) -> None:
    """Require that the sessions with these ids have this many seats taken, all together."""
    query = "SELECT sum(seats_taken) FROM session WHERE id >= :low AND id < :high"
    taken = number(engine, query, low=low, high=high)
    require(taken == expected, f"{taken} seats are taken, not {expected}")
