"""Two beats and two couriers, one of each killed and replaced at the moment when all is due."""

import mailbox
from collections import Counter
from datetime import UTC, datetime, timedelta

from models.round import Decider
from tests.deciding import decide_all
from tests.faults.stack import WorkingStack
from tests.outbox_rows import end_leases
from tests.processes import Running, until
from tests.school import DAY, Course, School

BEAT = "tests.faults.hasty_beat"
LOOKS = "Sending due task remind"
COURIER = "mail,upkeep"
BOOKED = 20
CANCELLED = 4
DUE_IN = timedelta(seconds=3)
MOVED_BY = timedelta(seconds=3)


def booked_course(school: School, decider: Decider) -> Course:
    course = school.course(capacity=BOOKED)
    for pupil in course.enrol(BOOKED):
        course.submit(*pupil)
    decide_all(decider)
    return course


def cancel_some(course: Course, decider: Decider) -> set[int]:
    """Let staff cancel some bookings of a course; returns their ids."""
    cancelled = set(sorted(bookings_of(course))[:CANCELLED])
    for booking in cancelled:
        course.school.staff().cancel(booking)
    decide_all(decider)
    return cancelled


def move(course: Course, decider: Decider, start_at: datetime) -> None:
    job = course.school.staff().move_session(course.sessions[0], start_at)
    decide_all(decider)
    course.school.result(job)


def bookings_of(course: Course) -> set[int]:
    """Those of the course that still hold a seat."""
    rows = course.school.rows(
        "SELECT id FROM booking WHERE session_id = :id AND status = 'CONFIRMED'",
        id=course.sessions[0],
    )
    return {booking for (booking,) in rows}


def sent_reminders(school: School) -> Counter[tuple[int, datetime]]:
    """How many reminders of each booking and start have left."""
    rows = school.rows(
        "SELECT CAST(payload->>'booking_id' AS bigint),"
        " CAST(payload->>'start_at' AS timestamptz)"
        " FROM outbox_message WHERE topic = 'reminder' AND status = 'SENT'"
    )
    return Counter((booking, start) for booking, start in rows)


def mails(stack: WorkingStack) -> set[str]:
    """The Message-ID of each reminder that has arrived."""
    found = mailbox.Maildir(stack.processes.settings.maildir, create=False)
    letters = [(str(message["Subject"]), message["Message-ID"]) for message in found]
    return {id_ for subject, id_ in letters if subject.startswith("Coming up")}


def replace(stack: WorkingStack, beat: Running, courier: Running) -> None:
    """Kill one beat and one courier, and start others; what the courier held is free again."""
    beat.kill()
    courier.kill()
    end_leases(stack.school.engine)
    stack.processes.launch_worker(COURIER)
    stack.processes.start_beat(BEAT)


def test_each_booking_is_reminded_once_of_each_start_whatever_is_restarted(
    stack: WorkingStack, decider: Decider
) -> None:
    school = stack.school
    courier = stack.processes.launch_worker(COURIER)
    beats = [stack.processes.start_beat(BEAT) for _ in range(2)]
    ordinary, moved, called_off = (booked_course(school, decider) for _ in range(3))
    until(lambda: courier.said(" ready."), 30, "the second courier")
    until(lambda: all(beat.said(LOOKS) for beat in beats), 30, "the beats")
    cancelled = cancel_some(ordinary, decider) | bookings_of(called_off)
    school.staff().cancel_session(called_off.sessions[0])

    due = datetime.now(UTC) + DUE_IN
    start, later = due + DAY, due + DAY + MOVED_BY
    for course in (ordinary, moved):
        move(course, decider, start)
    until(lambda: datetime.now(UTC) >= due, 10, "the due moment")
    replace(stack, beats[0], courier)
    move(moved, decider, later)
    wanted = {(booking, start) for booking in bookings_of(ordinary)}
    wanted |= {(booking, later) for booking in bookings_of(moved)}
    assert len(wanted) == 2 * BOOKED - CANCELLED
    until(lambda: wanted <= set(sent_reminders(school)), 60, "the reminders")

    looks = beats[1].said(LOOKS)
    until(lambda: beats[1].said(LOOKS) > looks + 2, 30, "further looks")
    sent = sent_reminders(school)
    assert set(sent.values()) == {1}
    of_the_old_start = {(booking, start) for booking in bookings_of(moved)}
    assert set(sent) - of_the_old_start == wanted
    assert not {booking for booking, _ in sent} & cancelled
    assert len(mails(stack)) == sent.total()
