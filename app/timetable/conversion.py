"""A timetable as a catalog: course → program, component → step, section → option and class."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import count
from typing import Any

from app.timetable.dealing import deal
from app.timetable.lines import Line, Problem
from app.timetable.meetings import PLACE, meetings_of, weeks_to_move
from app.timetable.sections import Section, merge_sections
from app.timetable.strays import leave_out_strays
from models.instants import print_instant

COMPONENTS = {
    "LEC": "Lecture",
    "LAB": "Laboratory",
    "REC": "Recitation",
    "STU": "Studio",
    "TES": "Test block",
    "SEM": "Seminar",
    "": "Class",
}
"""What the timetable's abbreviations stand for; others are their own title."""

FIRST_STUDENT = 10_001
"""The lowest id of a student, unless there are more teachers than that."""
NO_TEACHER = "Staff"


@dataclass(slots=True)
class Conversion:
    """What became of a timetable.

    `catalog` is a catalog file's document; `enrolments` has one object for each booking that
    somebody is to make: userId, packageId, courseStepId, courseStepOptionId, and the sessionId
    that their cohort pins the option to.
    """

    catalog: dict[str, Any] = field(
        default_factory=lambda: {
            name: [] for name in ("users", "groupClasses", "programs", "cohorts", "packages")
        }
    )
    enrolments: list[dict[str, Any]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    lines_taken: int = 0
    session_count: int = 0


@dataclass(slots=True)
class _Class:
    """A section with the ids it got, and the session its course's cohort pins."""

    section: Section
    id: int
    step_id: int
    first_session_id: int


def convert(lines: list[Line], starts: date) -> Conversion:
    """Convert a timetable so that its first week is the one of `starts`; the same each time.

    Lines far from the others are left out, so that none of them moves the whole timetable; so
    are sections and courses without a single meeting: nobody could book them. The cohort of a
    course pins each option to its section's first meeting.
    """
    near, strays = leave_out_strays(lines)
    sections, at_odds = merge_sections(near)
    made = Conversion(
        problems=strays + at_odds, lines_taken=sum(len(section.lines) for section in sections)
    )
    writer = _Writer(made, weeks_to_move(near, starts))
    writer.write_teachers(sections)
    courses: dict[str, list[Section]] = {}
    for section in sections:
        courses.setdefault(section.course, []).append(section)
    for course in courses.values():
        writer.write_course(course)
    made.problems.sort()
    return made


class _Writer:
    """Writes courses one after the other, ids counted up from 1."""

    def __init__(self, made: Conversion, move: timedelta) -> None:
        self._made = made
        self._move = move
        self._teachers: dict[str, int] = {}
        self._program_ids, self._step_ids = count(1), count(1)
        self._class_ids, self._session_ids = count(1), count(1)
        self._student_numbers, self._student_ids = count(1), count(FIRST_STUDENT)

    def write_teachers(self, sections: list[Section]) -> None:
        """Make a user of every teacher, and one of "Staff" if a section has none."""
        names = sorted({section.teacher or NO_TEACHER for section in sections})
        for user_id, name in enumerate(names, start=1):
            self._teachers[name] = user_id
            # numbered: a name may hold what an address can't, and two may differ by case alone
            address = f"t{user_id:04}@teachers.example"
            self._made.catalog["users"].append(_user(user_id, address, name, "TEACHER"))
        self._student_ids = count(max(FIRST_STUDENT, len(names) + 1))

    def write_course(self, sections: list[Section]) -> None:
        """Make a program of a course, with its steps, classes, cohort, students and packages."""
        program_id = next(self._program_ids)
        steps: dict[str, dict[str, Any]] = {}
        classes: list[_Class] = []
        for section in sections:
            if sessions := list(self._sessions(section)):
                step = steps.get(section.component) or self._new_step(section, steps)
                classes.append(self._write_class(section, sessions, step))
        if not classes:
            return
        title = f"{sections[0].course} {sections[0].title}"
        self._made.catalog["programs"].append(
            {"id": program_id, "title": title, "steps": list(steps.values())}
        )
        self._write_cohort(program_id, title, classes)
        self._write_students(program_id, title, classes)

    def _sessions(self, section: Section) -> Iterator[dict[str, Any]]:
        meetings = [
            meeting
            for line in section.lines
            for meeting in meetings_of(line, self._move, self._made.problems)
        ]
        for meeting in sorted(meetings):
            yield {
                "id": next(self._session_ids),
                "startAt": print_instant(meeting.start_at),
                "endAt": print_instant(meeting.end_at),
            }

    def _new_step(self, section: Section, steps: dict[str, dict[str, Any]]) -> dict[str, Any]:
        component = section.component
        title = COMPONENTS.get(component, component)
        step = {
            "id": next(self._step_ids),
            "label": component or title,
            "title": title,
            "order": len(steps) + 1,
            "options": [],
        }
        steps[component] = step
        return step

    def _write_class(
        self, section: Section, sessions: list[dict[str, Any]], step: dict[str, Any]
    ) -> _Class:
        class_id = next(self._class_ids)
        label = " ".join(filter(None, (section.course, section.component, section.section)))
        self._made.catalog["groupClasses"].append(
            {
                "id": class_id,
                "name": f"{label} {section.title}",
                "teacherId": self._teachers[section.teacher or NO_TEACHER],
                "capacityMax": section.capacity,
                "timeZone": PLACE,
                "sessions": sessions,
            }
        )
        self._made.session_count += len(sessions)
        # an option is one class here, so they share their id
        step["options"].append({"id": class_id, "groupClassId": class_id})
        return _Class(section, class_id, step["id"], sessions[0]["id"])

    def _write_cohort(self, program_id: int, title: str, classes: list[_Class]) -> None:
        pins = [
            {"courseStepOptionId": given.id, "sessionId": given.first_session_id}
            for given in classes
        ]
        self._made.catalog["cohorts"].append(
            {"id": program_id, "programId": program_id, "name": title, "sessions": pins}
        )

    def _write_students(self, program_id: int, title: str, classes: list[_Class]) -> None:
        for hand in deal([given.section for given in classes]):
            number, user_id = next(self._student_numbers), next(self._student_ids)
            address = f"s{number:06}@students.example"
            self._made.catalog["users"].append(
                _user(user_id, address, f"Student {number:06}", "STUDENT")
            )
            self._made.catalog["packages"].append(
                {"id": number, "userId": user_id, "cohortId": program_id, "packageName": title}
            )
            for place in sorted(hand):
                self._write_enrolment(user_id, number, classes[place])

    def _write_enrolment(self, user_id: int, package_id: int, given: _Class) -> None:
        self._made.enrolments.append(
            {
                "userId": user_id,
                "packageId": package_id,
                "courseStepId": given.step_id,
                "courseStepOptionId": given.id,
                "sessionId": given.first_session_id,
                "course": given.section.course,
            }
        )


def _user(user_id: int, email: str, name: str, role: str) -> dict[str, Any]:
    return {
        "id": user_id,
        "email": email,
        "name": name,
        "role": role,
        "timeZone": PLACE,
        "locale": "en",
    }
