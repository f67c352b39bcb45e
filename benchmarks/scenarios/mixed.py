"""A steady day: bookings, changes, cancellations and waitlist joins at half of the peak rate."""

import random

from benchmarks.failure import require
from benchmarks.figures import Figures
from benchmarks.installation import Installation
from benchmarks.measuring import measure
from benchmarks.outcome import check_decided, number
from benchmarks.requests import Errand, Errands
from benchmarks.school import School, found, seat
from benchmarks.sizes import Sizes
from benchmarks.students import stream
from benchmarks.ways import PRODUCT

SEED = 5
BOOK, CHANGE, CANCEL, JOIN = 0.6, 0.2, 0.1, 0.1
PROGRAMS = 500
FULL_SEATS = 5


def run_mixed(sizes: Sizes, installation: Installation, rate: float) -> Figures:
    """Send requests at this rate, each by a student of its own who may do what it asks."""
    count = int(rate * sizes.mixed_seconds)
    errands = _prepare(installation, count)
    figures = Figures("mixed", PRODUCT, len(errands))
    installation.wait_until_quiet()
    measure(figures, installation, lambda pool: stream(pool, errands, rate))
    check_decided(installation.engine)
    joined = "SELECT count(*) FROM waitlist_entry WHERE status = 'WAITING'"
    waiting = number(installation.engine, joined)
    require(waiting >= int(count * JOIN), f"only {waiting} wait")
    return figures


def _prepare(installation: Installation, count: int) -> list[Errand]:
    """Prepare a student for each request: with a seat to change or cancel, without one to book.

    Who joins a waitlist is of another school, where every session is full.
    """
    booking, changing = int(count * BOOK), int(count * CHANGE)
    cancelling, joining = int(count * CANCEL), int(count * JOIN)
    students = booking + changing + cancelling
    school = School(
        students,
        students,
        programs=PROGRAMS,
        options=2,
        number=next(installation.school_numbers),
    )
    found(installation.engine, school)
    seat(installation.engine, school, range(booking, students))
    full = _full_school(installation, joining)
    errands = Errands(installation.settings)
    all_errands = [
        *(errands.book(school, student) for student in range(booking)),
        *(errands.change(school, n, option=1) for n in range(booking, booking + changing)),
        *(errands.cancel(school, student) for student in range(booking + changing, students)),
        *(errands.join(full, student) for student in range(full.students - joining, full.students)),
    ]
    random.Random(SEED).shuffle(all_errands)
    return all_errands


def _full_school(installation: Installation, joining: int) -> School:
    programs = max(1, joining // 10)
    seated = programs * FULL_SEATS
    school = School(
        seated + joining,
        FULL_SEATS,
        programs=programs,
        number=next(installation.school_numbers),
    )
    found(installation.engine, school)
    seat(installation.engine, school, range(seated))
    return school
