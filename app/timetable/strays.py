"""Lines whose dates are far from all the others': a slip that nobody should guess the sense of."""

from datetime import date, timedelta
from statistics import median_low

from app.timetable.lines import LONGEST_SEMESTER_DAYS, Line, Problem

_FAR = timedelta(days=LONGEST_SEMESTER_DAYS)


def leave_out_strays(lines: list[Line]) -> tuple[list[Line], list[Problem]]:
    """Return the lines that can belong to one semester, and a problem for each of the others.

    Those lie further than the longest semester from the day by which half of the lines begin.
    """
    if not lines:
        return [], []
    middle = median_low(line.first_day for line in lines)
    near = [line for line in lines if not _is_far(line, middle)]
    return near, [_problem(line, middle) for line in lines if _is_far(line, middle)]


def _is_far(line: Line, middle: date) -> bool:
    return max(abs(line.first_day - middle), abs(line.last_day - middle)) > _FAR


def _problem(line: Line, middle: date) -> Problem:
    dates = f"runs from {line.first_day} until {line.last_day}"
    return Problem(line.number, f"{dates}, far from the others (around {middle}); left out")
