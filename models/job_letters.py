"""What a letter about the outcome of a request has to say, read when it is written."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Connection, and_, bindparam, cast, select

from models.booking_job import BookingJob
from models.catalog import CourseProgram, CourseSession, CourseStep, CourseStepOption, GroupClass
from models.enrolment import CourseCohort, StudentPackage
from models.in_set import in_set
from models.people import UserAccount


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmet:
    """A step that couldn't be had: the refusal's words, and what could be taken instead.

    The step is None where the whole request was refused, or where there is none such;
    `waitlist_until` where there was no waitlist to join.
    """

    step_label: str | None
    step_title: str | None
    code: str
    message: str
    alternatives: list[dict[str, Any]]
    waitlist_until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class JobLetter:
    """Whom it goes to, what was asked for, and what couldn't be had.

    The class and its times are None where none was named that there is.
    """

    name: str
    email: str
    locale: str
    time_zone: str
    kind: str
    status: str
    program_title: str | None
    step_label: str | None
    step_title: str | None
    group_class_name: str | None
    venue_time_zone: str | None
    start_at: datetime | None
    end_at: datetime | None
    unmet: list[Unmet]


def job_letter(db: Connection, job_id: UUID) -> JobLetter | None:
    """The facts of a letter about this job's outcome, or None when there is no such job."""
    row = db.execute(_OF_JOB, {"id": job_id}).mappings().one_or_none()
    if row is None:
        return None
    facts = dict(row)
    outcome = facts.pop("error") or facts.pop("result")
    facts.pop("result", None)
    return JobLetter(**facts, unmet=_unmet(db, outcome))


def _unmet(db: Connection, outcome: Mapping[str, Any]) -> list[Unmet]:
    if not outcome.get("failures"):
        return [_one_unmet(outcome, None)] if "code" in outcome else []
    ids = {failure["course_step_id"] for failure in outcome["failures"]}
    rows = db.execute(
        select(CourseStep.id, CourseStep.label, CourseStep.title).where(in_set(CourseStep.id, ids))
    )
    steps = {row.id: row for row in rows}
    return [_one_unmet(one, steps.get(one["course_step_id"])) for one in outcome["failures"]]


def _one_unmet(refusal: Mapping[str, Any], step: Any) -> Unmet:
    # not there in what an older process decided
    until = refusal.get("waitlist_until")
    return Unmet(
        step_label=step.label if step else None,
        step_title=step.title if step else None,
        code=refusal["code"],
        message=refusal["message"],
        alternatives=refusal["alternatives"],
        waitlist_until=datetime.fromisoformat(until) if until else None,
    )


def _asked(name: str) -> Any:
    return cast(BookingJob.request[name].astext, BigInteger)


_OF_JOB = (
    select(
        UserAccount.name,
        UserAccount.email,
        UserAccount.locale,
        UserAccount.time_zone,
        BookingJob.kind,
        BookingJob.status,
        CourseProgram.title.label("program_title"),
        CourseStep.label.label("step_label"),
        CourseStep.title.label("step_title"),
        GroupClass.name.label("group_class_name"),
        GroupClass.time_zone.label("venue_time_zone"),
        CourseSession.start_at,
        CourseSession.end_at,
        BookingJob.result,
        BookingJob.error,
    )
    .select_from(BookingJob)
    .join(UserAccount, UserAccount.id == BookingJob.user_id)
    .outerjoin(StudentPackage, StudentPackage.id == BookingJob.student_package_id)
    .outerjoin(CourseCohort, CourseCohort.id == StudentPackage.course_cohort_id)
    .outerjoin(CourseProgram, CourseProgram.id == CourseCohort.course_program_id)
    .outerjoin(CourseStep, CourseStep.id == BookingJob.course_step_id)
    .outerjoin(CourseStepOption, CourseStepOption.id == _asked("course_step_option_id"))
    .outerjoin(GroupClass, GroupClass.id == CourseStepOption.group_class_id)
    .outerjoin(
        CourseSession,
        and_(
            CourseSession.id == _asked("session_id"),
            CourseSession.group_class_id == GroupClass.id,
        ),
    )
    .where(BookingJob.id == bindparam("id"))
)
