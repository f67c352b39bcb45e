"""Reads onto the desk what jobs are judged by; takes no locks."""

from collections.abc import Collection, Iterable, Iterator

from sqlalchemy import Connection, Integer, Text, and_, bindparam, func, or_, select

from models.booking import Booking
from models.booking_job import BookingJob, JobKind, JobStatus
from models.catalog import (
    CourseProgram,
    CourseSession,
    CourseStep,
    CourseStepOption,
    GroupClass,
    SessionStatus,
)
from models.desk import Desk, Entry, Held, Job, Line, Step
from models.enrolment import (
    CourseCohort,
    CourseCohortSession,
    StudentCourseStepProgress,
    StudentPackage,
)
from models.in_set import in_given, in_set, pair_in_given, pairs
from models.scope import Scope, Scopes
from models.scope_reading import CANDIDATES, PackageStep, heads_of_lines
from models.waitlist import WaitlistEntry, WaitlistStatus

PROMOTES = {JobKind.PROMOTE, JobKind.SET_CAPACITY}


def read_desk(db: Connection, desk: Desk, jobs: list[Job], scopes: Scopes) -> None:
    """Read all that these jobs are judged by; what they may change is locked."""
    desk.options = scopes.options
    read_scope(db, desk, scopes.all_of(jobs))
    _read_lines(db, desk, [job for job in jobs if job.kind in PROMOTES])
    desk.booking_ids = draw_ids(db, "booking", _most_bookings(jobs, scopes))
    desk.entry_ids = draw_ids(db, "waitlist_entry", _count(jobs, JobKind.JOIN_WAITLIST))
    desk.session_ids = draw_ids(db, "session", _count(jobs, JobKind.ADD_SESSION))


def read_scope(db: Connection, desk: Desk, scope: Scope) -> None:
    """Read the steps, the seats that are held, and who waits for what, as far as it reaches."""
    read_steps(db, desk, scope.steps)
    package_ids = {package_id for package_id, _ in scope.steps}
    read_held(db, desk, desk.people, package_ids, scope.session_ids)
    _read_entries(db, desk, scope.steps)
    _read_waited_for(db, desk)
    _read_promised(db, desk)


def read_steps(db: Connection, desk: Desk, wanted: Iterable[PackageStep]) -> None:
    """Read these steps, pairs of package and step, and the pins of their cohorts."""
    steps = set(wanted)
    if not steps:
        return
    for row in db.execute(_STEPS, pairs(steps)).all():
        step = Step(*row)  # type: ignore[call-arg]  # only the first ten columns are typed
        desk.steps[step.student_package_id, step.course_step_id] = step
    _read_pins(db, desk, {step.course_cohort_id for step in desk.steps.values()})


def read_held(
    db: Connection,
    desk: Desk,
    user_ids: Collection[int],
    package_ids: Collection[int],
    session_ids: Collection[int] = (),
) -> None:
    """Read the seats that these students hold.

    Those that haven't ended, those of these packages, and those in these sessions.
    """
    if not user_ids:
        return
    given = {
        "user_ids": list(user_ids),
        "now": desk.now,
        "package_ids": list(package_ids),
        "session_ids": list(session_ids),
    }
    for row in db.execute(_HELD, given).all():
        desk.lay(Held(*row))  # type: ignore[call-arg]  # as above


def _read_pins(db: Connection, desk: Desk, cohort_ids: Collection[int]) -> None:
    """Read the pins that count: to a session of the option's class that is still to come."""
    for row in db.execute(_PINS, {"cohort_ids": list(cohort_ids), "now": desk.now}).all():
        desk.pins[row.course_cohort_id, row.course_step_option_id] = row.session_id


def _read_entries(db: Connection, desk: Desk, steps: Collection[PackageStep]) -> None:
    """Read the places on waitlists that these steps have."""
    if not steps:
        return
    for row in db.execute(_ENTRIES, pairs(steps)).all():
        desk.lay_entry(Entry(*row))


def _read_lines(db: Connection, desk: Desk, jobs: list[Job]) -> None:
    """Read who is promoted next; their steps are on the desk, and so are all their entries."""
    if not jobs:
        return
    heads: dict[int, list[Entry]] = {job.about_session_id or 0: [] for job in jobs}
    for row in heads_of_lines(db, jobs):
        heads[row.for_session_id].append(desk.entries[row.id])
    for session_id, head in heads.items():
        desk.lines[session_id] = Line(head[:CANDIDATES], goes_on=len(head) > CANDIDATES)
    _read_leaving(db, desk, {e.student_package_id for head in heads.values() for e in head})


def _read_leaving(db: Connection, desk: Desk, package_ids: Collection[int]) -> None:
    """Read who has asked to leave the line and isn't out of it yet.

    Such a request goes ahead of promotions, unless it waits behind others of its own package.
    """
    asked = select(BookingJob.student_package_id, BookingJob.course_step_id).where(
        in_set(BookingJob.student_package_id, package_ids),
        BookingJob.kind == JobKind.LEAVE_WAITLIST,
        BookingJob.status == JobStatus.QUEUED,
    )
    desk.leaving = {(row.student_package_id, row.course_step_id) for row in db.execute(asked)}


def _read_waited_for(db: Connection, desk: Desk) -> None:
    """Read which of the locked classes' sessions anybody waits for."""
    waited_for = db.execute(_WAITED_FOR, {"class_ids": list(desk.classes)}).all()
    desk.waited_for = {(row.group_class_id, row.session_id) for row in waited_for}


def _read_promised(db: Connection, desk: Desk) -> None:
    """Read which sessions' free seats are promised to those who wait."""
    if not desk.waited_for:
        return
    open_promotions = select(BookingJob.session_id).where(
        BookingJob.kind == JobKind.PROMOTE,
        BookingJob.status == JobStatus.QUEUED,
        in_set(BookingJob.session_id, desk.sessions),
    )
    desk.promised = {id_ for id_ in db.scalars(open_promotions) if id_ is not None}


def draw_ids(db: Connection, table: str, count: int) -> Iterator[int]:
    """Draw this many ids of a table's sequence, before rows are written that refer to them."""
    if count == 0:
        return iter(())
    return iter(db.scalars(_DRAW, {"table": table, "count": count}).all())


def _most_bookings(jobs: list[Job], scopes: Scopes) -> int:
    """How many bookings the jobs can make at the most."""
    return sum(
        len(scopes.of[job.id].steps) if job.kind in {JobKind.BULK_BOOK, *PROMOTES} else 1
        for job in jobs
        if job.kind in _MAKES_BOOKINGS
    )


def _count(jobs: list[Job], kind: JobKind) -> int:
    return sum(job.kind == kind for job in jobs)


_MAKES_BOOKINGS = {
    JobKind.BOOK_STEP,
    JobKind.CHANGE_STEP,
    JobKind.BULK_BOOK,
    JobKind.BOOK_SEAT,
    *PROMOTES,
}
_DRAW = select(
    func.nextval(func.pg_get_serial_sequence(bindparam("table", type_=Text), "id"))
).select_from(func.generate_series(1, bindparam("count", type_=Integer)).table_valued("n"))
_STEPS = (
    select(
        StudentCourseStepProgress.id,
        StudentCourseStepProgress.status,
        StudentCourseStepProgress.booking_id,
        StudentCourseStepProgress.booked_at,
        StudentCourseStepProgress.course_step_id,
        CourseStep.label,
        CourseStep.step_order,
        StudentCourseStepProgress.student_package_id,
        StudentPackage.user_id,
        StudentPackage.package_name,
        StudentPackage.status,
        StudentPackage.expires_at,
        StudentPackage.course_cohort_id,
        CourseProgram.ordered,
        CourseProgram.booking_opens_at,
        CourseProgram.change_window_hours,
        CourseProgram.cancel_window_hours,
        StudentCourseStepProgress.calendar_sequence,
    )
    .join(StudentPackage, StudentPackage.id == StudentCourseStepProgress.student_package_id)
    .join(CourseCohort, CourseCohort.id == StudentPackage.course_cohort_id)
    .join(CourseProgram, CourseProgram.id == CourseCohort.course_program_id)
    .join(CourseStep, CourseStep.id == StudentCourseStepProgress.course_step_id)
    .where(
        pair_in_given(
            (
                StudentCourseStepProgress.student_package_id,
                StudentCourseStepProgress.course_step_id,
            )
        )
    )
)
_PINS = (
    select(
        CourseCohortSession.course_cohort_id,
        CourseCohortSession.course_step_option_id,
        CourseCohortSession.session_id,
    )
    .join(CourseStepOption, CourseStepOption.id == CourseCohortSession.course_step_option_id)
    .join(
        CourseSession,
        and_(
            CourseSession.id == CourseCohortSession.session_id,
            CourseSession.group_class_id == CourseStepOption.group_class_id,
        ),
    )
    .where(
        CourseSession.status == SessionStatus.SCHEDULED,
        CourseSession.start_at > bindparam("now"),
        in_given(CourseCohortSession.course_cohort_id, "cohort_ids"),
    )
)
_HELD = (
    select(
        Booking.id,
        Booking.user_id,
        Booking.session_id,
        Booking.group_class_id,
        GroupClass.name,
        CourseSession.start_at,
        CourseSession.end_at,
        Booking.status,
        Booking.booking_type,
        Booking.payment_status,
        Booking.created_at,
        Booking.student_package_id,
        Booking.course_step_id,
        CourseStep.step_order,
        Booking.booking_metadata,
        Booking.change_until,
        Booking.cancel_until,
        Booking.calendar_sequence,
    )
    .join(CourseSession, CourseSession.id == Booking.session_id)
    .join(GroupClass, GroupClass.id == CourseSession.group_class_id)
    .outerjoin(CourseStep, CourseStep.id == Booking.course_step_id)
    .where(
        in_given(Booking.user_id, "user_ids"),
        Booking.holds_seat,
        or_(
            CourseSession.end_at > bindparam("now"),
            in_given(Booking.student_package_id, "package_ids"),
            in_given(Booking.session_id, "session_ids"),
        ),
    )
)
_ENTRIES = (
    select(
        WaitlistEntry.id,
        WaitlistEntry.user_id,
        WaitlistEntry.student_package_id,
        WaitlistEntry.course_step_id,
        WaitlistEntry.course_step_option_id,
        WaitlistEntry.group_class_id,
        WaitlistEntry.session_id,
        WaitlistEntry.status,
        WaitlistEntry.joined_at,
        WaitlistEntry.booking_job_id,
    )
    .where(
        WaitlistEntry.status == WaitlistStatus.WAITING,
        pair_in_given((WaitlistEntry.student_package_id, WaitlistEntry.course_step_id)),
    )
    .order_by(WaitlistEntry.id)
)
_WAITED_FOR = (
    select(WaitlistEntry.group_class_id, WaitlistEntry.session_id)
    .where(
        WaitlistEntry.status == WaitlistStatus.WAITING,
        in_given(WaitlistEntry.group_class_id, "class_ids"),
    )
    .distinct()
)
