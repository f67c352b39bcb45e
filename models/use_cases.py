"""Which use case decides which kind of job, and which jobs are decided by themselves."""

from models.adding_session import add_session
from models.booking_job import JobKind
from models.booking_seat import book_seat
from models.booking_step import book_step
from models.bulk_booking import bulk_book
from models.cancelling_booking import cancel_booking
from models.cancelling_package import cancel_package
from models.cancelling_session import cancel_session
from models.changing_step import change_step
from models.desk import Job
from models.joining_waitlist import join_waitlist
from models.leaving_waitlist import leave_waitlist
from models.marking_attendance import mark_attendance
from models.moving_session import move_session
from models.promoting import promote
from models.setting_capacity import set_capacity
from models.verdict import UseCase

USE_CASES: dict[JobKind, UseCase] = {
    JobKind.BOOK_STEP: book_step,
    JobKind.CHANGE_STEP: change_step,
    JobKind.CANCEL_STEP: cancel_booking,
    JobKind.BULK_BOOK: bulk_book,
    JobKind.JOIN_WAITLIST: join_waitlist,
    JobKind.LEAVE_WAITLIST: leave_waitlist,
    JobKind.PROMOTE: promote,
    JobKind.BOOK_SEAT: book_seat,
    JobKind.ADD_SESSION: add_session,
    JobKind.CANCEL_SESSION: cancel_session,
    JobKind.MOVE_SESSION: move_session,
    JobKind.SET_CAPACITY: set_capacity,
    JobKind.MARK_ATTENDANCE: mark_attendance,
    JobKind.CANCEL_PACKAGE: cancel_package,
}

_BY_THEMSELVES = {
    JobKind.CANCEL_SESSION,
    JobKind.MOVE_SESSION,
    JobKind.SET_CAPACITY,
    JobKind.CANCEL_PACKAGE,
}


def first_batch(jobs: list[Job]) -> list[Job]:
    """The first jobs that may be decided together.

    What may be a dry run is decided by itself: all that it did to the desk is thrown away. A bulk
    booking comes after the others of its package, as its steps are read before it is decided.
    """
    packages: set[int | None] = set()
    for place, job in enumerate(jobs):
        if job.kind in _BY_THEMSELVES:
            return jobs[: max(place, 1)]
        if job.kind == JobKind.BULK_BOOK and job.student_package_id in packages:
            return jobs[:place]
        packages.add(job.student_package_id)
    return jobs
