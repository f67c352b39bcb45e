"""The queries behind `models.scope`; none of them takes a lock."""

from collections.abc import Collection, Iterable
from typing import Any, Protocol

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Connection,
    Row,
    func,
    literal,
    or_,
    select,
    true,
)

from models.booking import Booking
from models.catalog import CourseSession, CourseStepOption, GroupClass
from models.desk import Job, Option
from models.enrolment import ProgressStatus, StudentCourseStepProgress
from models.in_set import in_given, in_set, pair_in_given, pairs
from models.people import IS_THERE, UserAccount
from models.waitlist import WaitlistEntry, WaitlistStatus

PackageStep = tuple[int, int]

CANDIDATES = 20
"""How many places of the line one promotion looks at; a further job looks at the next."""


class Place(Protocol):
    """A row that names a student and, where there is one, the step that a seat is for."""

    user_id: int
    student_package_id: int | None
    course_step_id: int | None


def options(db: Connection, option_ids: Collection[int]) -> dict[int, Option]:
    """The options with these ids, by id."""
    rows = db.execute(_OPTIONS, {"ids": list(option_ids)}).all()
    return {row.id: Option(*row) for row in rows}


def options_of_packages(
    db: Connection, package_ids: Collection[int | None]
) -> dict[int, dict[int, set[int]]]:
    """The active options of each package's unbooked steps, by step."""
    rows = db.execute(
        select(
            StudentCourseStepProgress.student_package_id,
            CourseStepOption.course_step_id,
            CourseStepOption.id,
        )
        .join(
            CourseStepOption,
            CourseStepOption.course_step_id == StudentCourseStepProgress.course_step_id,
        )
        .where(
            in_set(StudentCourseStepProgress.student_package_id, package_ids),
            StudentCourseStepProgress.status == ProgressStatus.UNBOOKED,
            CourseStepOption.is_active,
        )
    )
    found: dict[int, dict[int, set[int]]] = {}
    for package_id, step_id, option_id in rows:
        found.setdefault(package_id, {}).setdefault(step_id, set()).add(option_id)
    return found


def classes_of_sessions(db: Connection, session_ids: Collection[int | None]) -> dict[int, int]:
    """The group class of each session that there is."""
    rows = db.execute(
        select(CourseSession.id, CourseSession.group_class_id).where(
            in_set(CourseSession.id, session_ids)
        )
    )
    return {row.id: row.group_class_id for row in rows}


def classes(db: Connection, class_ids: Collection[int]) -> set[int]:
    """Those of these classes that there are."""
    return set(db.scalars(select(GroupClass.id).where(in_set(GroupClass.id, class_ids))))


def people(db: Connection, user_ids: Collection[int]) -> set[int]:
    """Those of these people who exist, and weren't erased."""
    query = select(UserAccount.id).where(in_set(UserAccount.id, user_ids), IS_THERE)
    return set(db.scalars(query))


def holders(db: Connection, session_ids: Collection[int | None]) -> Iterable[Any]:
    """Who holds a seat of these sessions."""
    return db.execute(
        select(
            Booking.session_id,
            Booking.user_id,
            Booking.student_package_id,
            Booking.course_step_id,
        ).where(in_set(Booking.session_id, session_ids), Booking.holds_seat)
    ).all()


def waiting_for_sessions(db: Connection, session_ids: Collection[int | None]) -> Iterable[Any]:
    """Who waits for these very sessions."""
    return db.execute(
        select(
            WaitlistEntry.session_id,
            WaitlistEntry.user_id,
            WaitlistEntry.student_package_id,
            WaitlistEntry.course_step_id,
        ).where(
            in_set(WaitlistEntry.session_id, session_ids),
            WaitlistEntry.status == WaitlistStatus.WAITING,
        )
    ).all()


def heads_of_lines(db: Connection, jobs: Iterable[Job]) -> list[Row[Any]]:
    """The first who wait for each job's session, one more than a promotion looks at.

    From behind the entry that the job says, in the order of joining.
    """
    after = {job.about_session_id: job.request.get("after", 0) for job in jobs}
    wanted = (
        func.unnest(
            literal(list(after), ARRAY(BigInteger)),
            literal(list(after.values()), ARRAY(BigInteger)),
        )
        .table_valued("session_id", "after", name="wanted")
        .render_derived()
    )
    head = (
        select(*WaitlistEntry.__table__.c)
        .where(
            WaitlistEntry.status == WaitlistStatus.WAITING,
            WaitlistEntry.group_class_id == CourseSession.group_class_id,
            or_(
                WaitlistEntry.session_id.is_(None),
                WaitlistEntry.session_id == CourseSession.id,
            ),
            WaitlistEntry.id > wanted.c.after,
        )
        .order_by(WaitlistEntry.id)
        .limit(CANDIDATES + 1)
        .lateral("head")
    )
    query = (
        select(CourseSession.id.label("for_session_id"), *head.c)
        .select_from(wanted)
        .join(CourseSession, CourseSession.id == wanted.c.session_id)
        .join(head, true())
        .order_by(CourseSession.id, head.c.id)
    )
    return list(db.execute(query))


def steps_of_packages(db: Connection, package_ids: Collection[int | None]) -> Iterable[Any]:
    """The steps of these packages."""
    return db.execute(
        select(
            StudentCourseStepProgress.student_package_id,
            StudentCourseStepProgress.course_step_id,
        ).where(in_set(StudentCourseStepProgress.student_package_id, package_ids))
    ).all()


def bookings(db: Connection, booking_ids: Collection[int | None]) -> Iterable[Any]:
    """The bookings with these ids."""
    return db.execute(
        select(Booking.id, Booking.session_id, Booking.group_class_id).where(
            in_set(Booking.id, booking_ids)
        )
    ).all()


def seats_of_steps(
    db: Connection, steps: Collection[PackageStep]
) -> dict[PackageStep, tuple[int, int]]:
    """The session and class of the seat that each of these steps has."""
    rows = db.execute(_SEATS_OF_STEPS, pairs(steps)).all()
    return {(row[0], row[1]): (row.session_id, row.group_class_id) for row in rows}


def classes_waited_for(db: Connection, steps: Collection[PackageStep]) -> Iterable[Any]:
    """The classes in whose lines these steps wait."""
    return db.execute(_CLASSES_WAITED_FOR, pairs(steps)).all()


_OPTIONS = select(
    CourseStepOption.id,
    CourseStepOption.course_step_id,
    CourseStepOption.group_class_id,
    CourseStepOption.is_active,
).where(in_given(CourseStepOption.id, "ids"))
_SEATS_OF_STEPS = (
    select(
        StudentCourseStepProgress.student_package_id,
        StudentCourseStepProgress.course_step_id,
        Booking.session_id,
        Booking.group_class_id,
    )
    .join(Booking, Booking.id == StudentCourseStepProgress.booking_id)
    .where(
        pair_in_given(
            (
                StudentCourseStepProgress.student_package_id,
                StudentCourseStepProgress.course_step_id,
            )
        )
    )
)
_CLASSES_WAITED_FOR = select(
    WaitlistEntry.student_package_id,
    WaitlistEntry.course_step_id,
    WaitlistEntry.group_class_id,
).where(
    WaitlistEntry.status == WaitlistStatus.WAITING,
    pair_in_given((WaitlistEntry.student_package_id, WaitlistEntry.course_step_id)),
)
