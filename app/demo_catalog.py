"""The demo school as a catalog file would have it, with its dates put relative to now."""

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from app import demo_school as school
from models.instants import print_instant


def demo_catalog(now: datetime) -> dict[str, Any]:
    """Return the catalog of the demo school; `now` is an aware instant."""
    people = (*school.STAFF, *school.STUDENTS, *school.OTHERS)
    return {
        "users": [_user(person) for person in people],
        "groupClasses": [_group_class(given, now) for given in school.CLASSES],
        "programs": [_program(program, now) for program in school.PROGRAMS],
        "cohorts": [_cohort(cohort) for cohort in school.COHORTS],
        "packages": [_package(package, now) for package in school.PACKAGES],
    }


def _user(person: school.Someone) -> dict[str, Any]:
    return {
        "id": person.id,
        "email": person.email,
        "name": person.name,
        "role": person.role,
        "timeZone": person.time_zone,
        "locale": person.locale,
    }


def _group_class(given: school.WeeklyClass, now: datetime) -> dict[str, Any]:
    return {
        "id": given.id,
        "name": given.name,
        "teacherId": given.teacher_id,
        "capacityMax": given.capacity_max,
        "timeZone": given.time_zone,
        "sessions": [_session(given, number, now) for number in range(given.weeks)],
    }


def _session(given: school.WeeklyClass, number: int, now: datetime) -> dict[str, Any]:
    zone = ZoneInfo(given.time_zone)
    earliest = now.astimezone(zone).date() + timedelta(days=given.days_ahead)
    first = earliest + timedelta(days=(given.weekday - earliest.weekday()) % 7)
    day = first + timedelta(weeks=number)
    start, end = (
        datetime.combine(day, time.fromisoformat(clock), zone) for clock in (given.start, given.end)
    )
    return {
        "id": given.id * 100 + number + 1,
        "startAt": print_instant(start),
        "endAt": print_instant(end),
    }


def _program(program: school.Program, now: datetime) -> dict[str, Any]:
    return {
        "id": program.id,
        "title": program.title,
        "ordered": program.ordered,
        "bookingOpensAt": _in_days(program.opens_in_days, now),
        "steps": [_step(step, order) for order, step in enumerate(program.steps, start=1)],
    }


def _step(step: school.Step, order: int) -> dict[str, Any]:
    return {
        "id": step.id,
        "label": step.label,
        "title": step.title,
        "order": order,
        "isRequired": step.is_required,
        "options": [
            {"id": option_id, "groupClassId": class_id} for option_id, class_id in step.options
        ],
    }


def _cohort(cohort: school.Cohort) -> dict[str, Any]:
    return {
        "id": cohort.id,
        "programId": cohort.program_id,
        "name": cohort.name,
        "sessions": [
            {"courseStepOptionId": option_id, "sessionId": session_id}
            for option_id, session_id in cohort.pins
        ],
    }


def _package(package: school.Package, now: datetime) -> dict[str, Any]:
    return {
        "id": package.id,
        "userId": package.user_id,
        "cohortId": package.cohort_id,
        "packageName": package.name,
        "status": package.status,
        "expiresAt": _in_days(package.expires_in_days, now),
    }


def _in_days(days: int | None, now: datetime) -> str | None:
    return None if days is None else print_instant(now + timedelta(days=days))
