"""Turns a university's timetable (CSV) into a catalog and the enrolments to book in it."""

from app.timetable.conversion import Conversion, convert
from app.timetable.lines import Problem, UnreadableTimetable, read_lines

__all__ = ["Conversion", "Problem", "UnreadableTimetable", "convert", "read_lines"]
