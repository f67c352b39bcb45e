"""Who asked first comes first, whatever lanes a request waits in and who decides there."""

from uuid import UUID

from models.bulk_booking import BulkMode
from models.invariants import check_invariants
from tests.races.academy import Academy, Student, make_academy
from tests.races.contests import Racers, await_decisions, deciders
from tests.school import School

CLASSES = 8
OLDER, YOUNGER = 12, 6
PACKAGES = 24


class Rush:
    """In each class come some singles, then a wizard that wants all of them, then more singles.

    In the classes with an even number there is one seat left for the wizard, in the others none.
    """

    def __init__(self, school: School) -> None:
        self.academy = make_academy(school, [OLDER + 1, OLDER] * (CLASSES // 2))
        older, [self.wizard], younger = map(self.academy.enrol, (OLDER, 1, YOUNGER))
        with school.engine.begin() as db:
            self.older = self._book_singly(db, older)
        with school.engine.begin() as db:
            everything = [(place, place) for place in range(CLASSES)]
            self.academy.book_all(db, self.wizard, everything, BulkMode.BEST_EFFORT)
        with school.engine.begin() as db:
            self.younger = self._book_singly(db, younger)

    def _book_singly(self, db: object, students: list[Student]) -> list[UUID]:
        return [
            self.academy.book(db, one, place, place) for place in range(CLASSES) for one in students
        ]

    def came_to(self) -> tuple[set[str], int, set[str]]:
        """The outcomes of the older ones, the wizard's seats, the outcomes of the younger."""
        return (
            set(self.academy.outcomes(self.older).values()),
            self.academy.seats_of([self.wizard])[self.wizard.user],
            set(self.academy.outcomes(self.younger).values()),
        )


IN_ORDER = ({"SUCCEEDED"}, CLASSES // 2, {"session_full"})


def test_a_wizard_overtakes_nobody_and_is_overtaken_by_nobody_in_any_lane(
    school: School, racers: Racers
) -> None:
    rush = Rush(school)
    with racers():
        await_decisions(school)

    assert rush.came_to() == IN_ORDER
    assert len(deciders(school)) > 1
    assert check_invariants(school.engine).violations == []


def test_control_without_turns_a_wizard_overtakes_somebody(school: School, racers: Racers) -> None:
    rush = Rush(school)
    with racers("turns"):
        await_decisions(school)
    assert rush.came_to() != IN_ORDER


def submit_story(academy: Academy, who: Student) -> list[UUID]:
    """Four jobs of one package at once, each of which fits the one before only."""
    with academy.school.engine.begin() as db:
        return [
            academy.book(db, who, 0, 0),
            academy.change(db, who, 0, 1),
            academy.change(db, who, 0, 2),
            academy.cancel(db, who, 0),
            academy.book(db, who, 0, 3),
        ]


def play_stories(school: School) -> tuple[Academy, list[UUID]]:
    academy = make_academy(school, [PACKAGES] * 4, choices=[list(range(4))])
    stories = [submit_story(academy, who) for who in academy.enrol(PACKAGES)]
    await_decisions(school)
    return academy, [job for story in stories for job in story]


def test_jobs_of_one_package_in_many_lanes_are_decided_in_the_order_of_acceptance(
    school: School, racers: Racers
) -> None:
    with racers():
        academy, jobs = play_stories(school)

    assert set(academy.outcomes(jobs).values()) == {"SUCCEEDED"}
    assert [len(academy.seated(place)) for place in range(4)] == [0, 0, 0, PACKAGES]
    assert len(deciders(school)) > 1
    assert check_invariants(school.engine).violations == []


def test_control_without_turns_some_job_is_decided_before_its_elder(
    school: School, racers: Racers
) -> None:
    with racers("turns"):
        academy, jobs = play_stories(school)
    assert set(academy.outcomes(jobs).values()) > {"SUCCEEDED"}
