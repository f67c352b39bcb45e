"""Everybody at once: hot, open hot, spread and wizard, by the product and by the baselines."""

from dataclasses import dataclass

from benchmarks.figures import Figures
from benchmarks.installation import Installation
from benchmarks.measuring import measure
from benchmarks.outcome import check_decided, check_seats
from benchmarks.requests import DECIDED, DECIDED_OR_FULL, Errand, Errands
from benchmarks.school import School, found
from benchmarks.students import Act, rush, submit_and_have, submit_and_poll
from benchmarks.synchronous_prefix import PREFIX

PRODUCT, SYNCHRONOUS, EACH = "product", "synchronous", "each"


@dataclass(frozen=True)
class Rush:
    """A rush: how many students want what."""

    name: str
    students: int
    capacity: int
    programs: int = 1
    steps: int = 1
    options: int = 1

    @property
    def requests(self) -> int:
        """How many seats are asked for."""
        return self.students * self.steps

    def school(self, number: int) -> School:
        """Return the school that the rush happens in."""
        return School(self.students, self.capacity, self.programs, self.steps, self.options, number)


def run_rush(
    rush_: Rush, installation: Installation, number: int = 1, way: str = PRODUCT
) -> Figures:
    """Found the school, let all students begin at once, and check what came of it."""
    school = rush_.school(number)
    found(installation.engine, school)
    errands = make_errands(rush_, school, installation, way)
    figures = Figures(rush_.name, way, len(errands))
    act: Act = submit_and_have if way == SYNCHRONOUS else submit_and_poll
    installation.wait_until_quiet()
    measure(figures, installation, lambda pool: rush(pool, errands, act))
    expected = min(rush_.requests, rush_.capacity * rush_.programs * rush_.steps)
    check_seats(installation.engine, school.base, school.base + school.sessions, expected)
    check_decided(installation.engine)
    return figures


def make_errands(
    rush_: Rush, school: School, installation: Installation, way: str = PRODUCT
) -> list[Errand]:
    """Return what each student does."""
    prefix = PREFIX if way == SYNCHRONOUS else "/api/students/me"
    errands = Errands(installation.settings, submit_path=prefix)
    if rush_.steps > 1:
        return [errands.bulk(school, student) for student in range(rush_.students)]
    enough = rush_.students <= rush_.capacity * rush_.programs
    allowed = DECIDED if enough else DECIDED_OR_FULL
    return [errands.book(school, number, allowed=allowed) for number in range(rush_.students)]
