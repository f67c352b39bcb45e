"""A real university's semester: every enrolment of its timetable, in random order."""

import os
import random
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, text

from app.catalog_file import read_catalog
from app.settings import CHECKOUT
from app.timetable import convert, read_lines
from app.timetable.lines import Line
from app.timetable.meetings import next_monday
from benchmarks.failure import require
from benchmarks.figures import Figures
from benchmarks.installation import Installation
from benchmarks.measuring import forget_mails, measure
from benchmarks.outcome import check_decided
from benchmarks.requests import Errands
from benchmarks.school import analyze
from benchmarks.sizes import Sizes
from benchmarks.students import rush
from benchmarks.ways import PRODUCT
from models.catalog_import import import_catalog

SEED = 2023
TIMETABLE = Path(
    os.environ.get("TIMETABLE_CSV")
    or CHECKOUT.parent / "shared" / "data" / "timetable-fall-2023.csv"
)


def run_semester(sizes: Sizes, installation: Installation) -> Figures | None:
    """Import the timetable, submit all enrolments at once; None where there is no timetable."""
    if not TIMETABLE.exists():
        print("semester is left out: the real timetable isn't here; TIMETABLE_CSV names it")
        return None
    wanted = _import(installation.engine, sizes.enrolments)
    errands = Errands(installation.settings)
    all_errands = [errands.enrol(one) for one in wanted]
    figures = Figures("semester", PRODUCT, len(all_errands))
    installation.wait_until_quiet()
    measure(figures, installation, lambda pool: rush(pool, all_errands), mails=False)
    seats, allowed = _seats(installation.engine, wanted)
    wrong = {option for option in allowed if seats[option] != allowed[option]}
    require(not wrong, f"{len(wrong)} sections have other seats taken than capacity allows")
    forget_mails(installation)  # they would take longer than the whole scenario
    check_decided(installation.engine)
    return figures


def _import(engine: Engine, most: int | None) -> list[dict[str, Any]]:
    """Put the timetable, or its first lines, into the database; returns the enrolments."""
    now = datetime.now(UTC)
    lines, _ = read_lines(TIMETABLE)
    made = convert(_first(lines, most), next_monday(now))
    catalog, faults = read_catalog(made.catalog)
    import_catalog(engine, catalog, now=now, known_faults=faults)
    analyze(engine)
    random.Random(SEED).shuffle(made.enrolments)
    return made.enrolments


def _first(lines: list[Line], most: int | None) -> list[Line]:
    """Return the first lines, until they have more enrolments than this."""
    taken: list[Line] = []
    for line in lines:
        if most is not None and sum(other.enrolled for other in taken) > most:
            break
        taken.append(line)
    return taken


def _seats(engine: Engine, wanted: list[dict[str, Any]]) -> tuple[dict[int, int], dict[int, int]]:
    """Return, by option, the seats taken in its section's session, and what they must be."""
    query = text(
        "SELECT pin.course_step_option_id, session.seats_taken, session.capacity_max"
        " FROM course_cohort_session AS pin JOIN session ON session.id = pin.session_id"
    )
    with engine.connect() as db:
        rows = {row.course_step_option_id: row for row in db.execute(query)}
    enrolled = Counter(one["courseStepOptionId"] for one in wanted)
    seats = {option: rows[option].seats_taken for option in enrolled}
    allowed = {option: min(count, rows[option].capacity_max) for option, count in enrolled.items()}
    return seats, allowed
