"""The spread with many old bookings and jobs in the tables, and while a backup reads them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from sqlalchemy import NullPool, create_engine, text

from benchmarks.figures import Figures
from benchmarks.installation import Installation
from benchmarks.measuring import forget_mails
from benchmarks.old_rows import load_old_rows
from benchmarks.queueing import queue_bookings
from benchmarks.scenarios.drains import SESSIONS, await_empty_queue, wake_each_lane
from benchmarks.scenarios.rushes import Rush, run_rush, run_rush_in, spread
from benchmarks.school import School, found
from benchmarks.sizes import Sizes


def run_growth(sizes: Sizes, installation: Installation, old: int) -> Figures:
    """Measure the spread among so many old bookings; its students have old ones too."""
    wanted = growth(sizes)
    school = wanted.school(next(installation.school_numbers))
    found(installation.engine, school)
    load_old_rows(installation, old, school)
    return run_rush_in(school, wanted, installation, name_of(old))


def run_beside_backup(sizes: Sizes, installation: Installation, old: int) -> Figures:
    """Measure it once more while a transaction that is older than many decisions still reads.

    Meanwhile as many jobs as in the drain were queued and decided: their queue rows are dead, and
    as the transaction might still read them, nothing can clear them away.
    """
    with _backup(installation):
        school = School(
            sizes.drain,
            sizes.drain,
            programs=SESSIONS,
            number=next(installation.school_numbers),
        )
        found(installation.engine, school)
        with installation.engine.begin() as db:
            queue_bookings(db, school)
        wake_each_lane(installation)
        await_empty_queue(installation)
        forget_mails(installation)
        return run_rush(growth(sizes), installation, f"{name_of(old)}, beside a backup")


def growth(sizes: Sizes) -> Rush:
    """The spread under this scenario's name."""
    return replace(spread(sizes), name="growth")


def name_of(old: int) -> str:
    """How the figures among so many old bookings are called."""
    return f"{old:,} old"


@contextmanager
def _backup(installation: Installation) -> Iterator[None]:
    """Hold a snapshot as pg_dump does: a transaction that has read and goes on reading."""
    engine = create_engine(installation.superuser_url, poolclass=NullPool)
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as db:
        db.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
        db.execute(text("SELECT count(*) FROM job_queue"))
        yield
