"""Somebody of whom the product keeps all that it can keep, and words that only they know."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Engine, insert, text, update

from models import targets
from models.auditing import Actor
from models.booking_job import BookingJob, JobKind
from models.couriers import claim, mark_dead, mark_sent, release
from models.due_reminders import first_place, write_due_reminders
from models.migration_finding import MigrationFinding
from models.outbox import OutboxKind
from models.resending import send_again
from models.round import Decider
from models.user_token import TokenPurpose
from models.user_tokens import token_of
from tests.deciding import decide_all
from tests.school import DAY, HOUR, Course, Pupil, School, Staff
from tests.webhook_rows import endpoint, publish_all

SECRET = "Zaphod"
"""Is in all that a person says or is called, and in nothing else."""


@dataclass
class Life:
    """A student with a past and a future, and a member of staff who had to do with them."""

    school: School
    decider: Decider
    pupil: Pupil
    staff: Staff
    course: Course
    full: Course

    @property
    def engine(self) -> Engine:
        return self.school.engine


def a_life(school: School, decider: Decider, now: datetime) -> Life:
    """Do all that a student can do, and that staff can do with one."""
    student = school.person(
        email=f"{SECRET}@school.example", name=f"{SECRET} B.", time_zone="Europe/Berlin"
    )
    staff = Staff(school, school.person("STAFF", name="Trillian"))
    endpoint(school.engine, "https://receiver.example/", by=staff.id)
    course, full = school.course(sessions=3), school.course(capacity=1)
    pupil = Pupil(
        school, student, school.package(student, course.cohort), course.step, course.option
    )
    life = Life(school, decider, pupil, staff, course, full)
    _books_and_changes(life)
    _waits(life, now)
    _is_seated_by_staff(life)
    _is_written_to(life, now)
    _was_found_by_a_migration(life)
    return life


def _books_and_changes(life: Life) -> None:
    first, second, third = life.course.sessions
    pupil, school = life.pupil, life.school
    school.submit(
        pupil.id,
        pupil.package,
        pupil.step,
        pupil.option,
        first,
        idempotency_key=f"{SECRET}-1",
        fingerprint=b"x",
    )
    decide_all(life.decider)
    pupil.change(second)
    decide_all(life.decider)
    pupil.cancel(f"{SECRET} is ill")
    decide_all(life.decider)
    life.staff.book(pupil, third, override=f"{SECRET} asked nicely")
    decide_all(life.decider)
    # a cancellation that staff make and that has its reason in the audit log
    life.staff.cancel(pupil.booking().id, f"{SECRET} called", override=f"{SECRET} begged")
    decide_all(life.decider)
    pupil.book(second)
    decide_all(life.decider)


def _waits(life: Life, now: datetime) -> None:
    other = life.full.pupil()
    other.book()
    decide_all(life.decider)
    waiting = life.pupil.of(life.full)
    waiting.join()
    decide_all(life.decider)
    # passed over once: the package has expired at that moment
    life.school.change("student_package", waiting.package, expires_at=now - HOUR)
    other.cancel()
    decide_all(life.decider)
    life.school.change("student_package", waiting.package, expires_at=None)
    life.staff.cancel_session(life.full.sessions[0], "No teacher", dry_run=True)
    decide_all(life.decider)


def _is_seated_by_staff(life: Life) -> None:
    session = life.school.session(life.full.group_class, 9 * DAY)
    life.staff.book_seat(life.pupil.id, session, "WORKSHOP")
    decide_all(life.decider)
    moved = life.school.session(life.course.group_class, 12 * DAY)
    life.pupil.change(moved)
    decide_all(life.decider)
    life.staff.move_session(moved, life.school.now + 13 * DAY)
    decide_all(life.decider)


def _is_written_to(life: Life, now: datetime) -> None:
    with life.engine.begin() as db:
        db.execute(text("UPDATE booking SET created_at = :at"), {"at": now - 30 * DAY})
        assert write_due_reminders(db, now, 20 * DAY, 10, first_place(now)).count > 0
        token_of(db, life.pupil.id, TokenPurpose.CALENDAR, now)
    publish_all(life.engine)
    with life.engine.begin() as db:
        claimed = claim(db, OutboxKind.MAIL, 10)
        one, two, *others = [mail for mail in claimed if mail.user_id == life.pupil.id]
        for mail in others:
            release(db, mail, "not now")
        mark_sent(db, one)
        mark_dead(db, two, f"550 <{SECRET}@school.example> is unknown")
        send_again(db, two.id, Actor(life.staff.id, "10.0.0.7", now))


def _was_found_by_a_migration(life: Life) -> None:
    detail = {"user_id": life.pupil.id, "cancel_reason": f"{SECRET} again", "done": "deleted"}
    finding = {"revision": "0003", "rule": "x", "subject": "booking", "subject_id": 10**6}
    with life.engine.begin() as db:
        db.execute(insert(MigrationFinding).values(**finding, detail=detail))


def queue_one_more(life: Life, reason: str) -> UUID:
    """A request that nobody has decided yet."""
    return life.school.ask(
        JobKind.CANCEL_STEP,
        life.pupil.id,
        lambda db: targets.seat_target(db, life.pupil.id, life.pupil.package, life.pupil.step),
        {"reason": reason},
    )


def told_from(life: Life, address: str) -> None:
    """As if the student's own requests told where they came from."""
    with life.engine.begin() as db:
        db.execute(
            update(BookingJob)
            .where(BookingJob.submitted_by == life.pupil.id)
            .values(submitted_from=address)
        )
