"""A queue that is full already, and nothing runs but the worker and the servers."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from benchmarks.figures import Figures, add_decisions
from benchmarks.installation import Ground, Installation
from benchmarks.measuring import decided_since, per_booking
from benchmarks.old_rows import load_old_rows
from benchmarks.outcome import check_decided, check_seats, number
from benchmarks.queueing import first_of_each_lane, queue_bookings
from benchmarks.school import School, analyze, found
from benchmarks.usage import Usage, peak_memory
from benchmarks.variations import only_worker
from benchmarks.waiting import until
from benchmarks.ways import workers
from tasks.bookings import process
from tasks.celery_app import PUBLISHER_TRANSPORT, celery

SESSIONS = 1000
SECONDS = 600


def run_drain(ground: Ground, jobs: int, processes: int, *, old: int) -> Figures:
    """Queue so many bookings over 1,000 sessions, wake each lane once, and wait for the end.

    So many `old` ones are there already: a plan made for empty tables is no plan.
    """
    with ground.installation(only_worker(processes)) as installation:
        return drain(installation, jobs, scenario="drain", way=workers(processes), old=old)


def drain(
    installation: Installation,
    jobs: int,
    *,
    scenario: str,
    way: str,
    number_of_school: int = 1,
    old: int = 0,
) -> Figures:
    """Let the worker that runs already decide so many jobs, and measure it."""
    school = School(jobs, jobs, programs=SESSIONS, number=number_of_school)
    found(installation.engine, school)
    if old:
        load_old_rows(installation, old, school)
    with installation.engine.begin() as db:
        queue_bookings(db, school)
    analyze(installation.engine)
    installation.wait_until_quiet()
    figures = Figures(scenario, way, jobs)
    usage = Usage.from_now_on(installation.roots())
    began = datetime.now(UTC)
    wake_each_lane(installation)
    await_empty_queue(installation)
    figures.cpu_ms = per_booking(usage.cpu_seconds(), jobs)
    figures.peak_mib = peak_memory(installation.roots())
    decided = decided_since(installation, began)
    # from the first decision: until then nothing was measured but the way of a wake-up
    add_decisions(figures, decided[0], decided)
    check_seats(installation.engine, school.base, school.base + school.sessions, jobs)
    check_decided(installation.engine)
    return figures


def wake_each_lane(installation: Installation) -> None:
    """Publish one task for each lane, as the web does in a rush."""
    with _publisher(installation) as connection:
        for job_id in first_of_each_lane(installation.engine):
            process.apply_async((job_id,), task_id=job_id, retry=False, connection=connection)


@contextmanager
def _publisher(installation: Installation) -> Iterator[object]:
    url = installation.settings.broker_url
    with celery.connection_for_write(url, transport_options=PUBLISHER_TRANSPORT) as connection:
        yield connection


def await_empty_queue(installation: Installation) -> None:
    """Wait until no job waits any more."""

    def is_empty() -> bool:
        installation.require_alive()
        return (
            number(installation.engine, "SELECT count(*) FROM (SELECT FROM job_queue LIMIT 1)") == 0
        )

    until(is_empty, SECONDS, "the end of the queue", every=0.1)
