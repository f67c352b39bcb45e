"""Everybody at once: hot, open hot, spread and wizard, by the product and by the baselines."""

from dataclasses import dataclass

from benchmarks.figures import Figures
from benchmarks.installation import Installation
from benchmarks.measuring import measure
from benchmarks.outcome import check_decided, check_seats
from benchmarks.requests import DECIDED, DECIDED_OR_FULL, Errand, Errands
from benchmarks.school import School, found
from benchmarks.sizes import Sizes
from benchmarks.students import Act, rush, submit_and_have, submit_and_poll
from benchmarks.synchronous_prefix import PREFIX
from benchmarks.ways import SYNCHRONOUS

STEPS_OF_A_WIZARD = 5
OPTIONS_OF_A_WIZARD = 2


@dataclass(frozen=True)
class Rush:
    """A rush: how many students want what, all at once."""

    name: str
    students: int
    capacity: int
    programs: int = 1
    steps: int = 1
    options: int = 1

    @property
    def seats(self) -> int:
        """How many seats have to be taken in the end."""
        there = self.capacity * self.programs * self.steps * self.options
        return min(self.students * self.steps, there)

    @property
    def is_enough(self) -> bool:
        """Whether everybody gets a seat."""
        return self.seats == self.students * self.steps

    def school(self, number: int) -> School:
        """Return the school that the rush happens in."""
        return School(
            students=self.students,
            capacity=self.capacity,
            programs=self.programs,
            steps=self.steps,
            options=self.options,
            number=number,
        )


def hot(sizes: Sizes) -> Rush:
    """Everybody wants the same session, which has seats for a tenth of them."""
    return Rush("hot", sizes.students, sizes.hot_seats)


def open_hot(sizes: Sizes) -> Rush:
    """Everybody wants the same session, and there are seats for all."""
    return Rush("open hot", sizes.students, sizes.students)


def spread(sizes: Sizes) -> Rush:
    """Many sessions, each with seats enough."""
    return Rush("spread", sizes.students, sizes.students, programs=sizes.sessions)


def wizard(sizes: Sizes) -> Rush:
    """Each student books five steps at once, with a choice of two classes for each step."""
    return Rush(
        "wizard",
        sizes.wizards,
        sizes.wizards,
        programs=20,
        steps=STEPS_OF_A_WIZARD,
        options=OPTIONS_OF_A_WIZARD,
    )


def run_rush(rush_: Rush, installation: Installation, way: str) -> Figures:
    """Found the school, let all students begin at once, and check what came of it."""
    school = rush_.school(next(installation.school_numbers))
    found(installation.engine, school)
    return run_rush_in(school, rush_, installation, way)


def run_rush_in(school: School, rush_: Rush, installation: Installation, way: str) -> Figures:
    """Let all students of a school begin at once, and check what came of it."""
    errands = make_errands(rush_, school, installation, way)
    figures = Figures(rush_.name, way, len(errands))
    act: Act = submit_and_have if way == SYNCHRONOUS else submit_and_poll
    installation.wait_until_quiet()
    measure(figures, installation, lambda pool: rush(pool, errands, act))
    check_seats(installation.engine, school.base, school.base + school.sessions, rush_.seats)
    check_decided(installation.engine)
    return figures


def make_errands(rush_: Rush, school: School, installation: Installation, way: str) -> list[Errand]:
    """Return what each student does."""
    prefix = PREFIX if way == SYNCHRONOUS else "/api/students/me"
    errands = Errands(installation.settings, submit_path=prefix)
    if rush_.steps > 1:
        return [errands.bulk(school, student) for student in range(rush_.students)]
    allowed = DECIDED if rush_.is_enough else DECIDED_OR_FULL
    return [errands.book(school, number, allowed=allowed) for number in range(rush_.students)]
