"""Sections: the lines of one CRN and component put together, with what they agree on."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from app.timetable.lines import Line, Problem

_SAME_FOR_A_CRN = ("course", "section", "capacity", "enrolled")


@dataclass(slots=True)
class Section:
    """One component of one CRN: what becomes an option and its group class."""

    course: str
    title: str
    component: str
    section: str
    crn: str
    capacity: int
    enrolled: int
    teacher: str
    lines: list[Line] = field(default_factory=list)

    def clashes(self, other: "Section") -> bool:
        """Whether some week has a meeting of both at the same time."""
        return any(_clash(mine, its) for mine in self.lines for its in other.lines)


def merge_sections(lines: Iterable[Line]) -> tuple[list[Section], list[Problem]]:
    """Put lines together, in their order; a line at odds with its CRN's first one is left out."""
    first_of_crn: dict[str, Line] = {}
    sections: dict[tuple[str, str], Section] = {}
    problems: list[Problem] = []
    for line in lines:
        first = first_of_crn.setdefault(line.crn, line)
        odd = [name for name in _SAME_FOR_A_CRN if getattr(line, name) != getattr(first, name)]
        if odd:
            reason = f"CRN {line.crn} has another {' and '.join(odd)} on line {first.number}"
            problems.append(Problem(line.number, f"{reason}; left out"))
            continue
        section = sections.setdefault((line.crn, line.component), _begin(line))
        problems += _note_repetition(section, line)
        section.lines.append(line)
    return list(sections.values()), problems


def _begin(line: Line) -> Section:
    return Section(
        course=line.course,
        title=line.title,
        component=line.component,
        section=line.section,
        crn=line.crn,
        capacity=line.capacity,
        enrolled=line.enrolled,
        teacher=line.teacher,
    )


def _note_repetition(section: Section, line: Line) -> list[Problem]:
    # one section in two rooms looks like this once the rooms are blank: no reason to drop it
    twins = [known.number for known in section.lines if known._replace(number=line.number) == line]
    return [Problem(line.number, f"says the same as line {twins[0]}; kept")] if twins else []


def _clash(one: Line, other: Line) -> bool:
    return (
        not set(one.weekdays).isdisjoint(other.weekdays)
        and one.start < other.end
        and other.start < one.end
        and one.first_day <= other.last_day
        and other.first_day <= one.last_day
    )
