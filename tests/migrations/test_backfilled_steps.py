"""Which session an old booking is given, and which are left to people, with the reason."""

from datetime import timedelta

from models.deciding import decide_lane
from models.lanes import lane_of
from models.round import Decider, decide_batch
from tests.migrations.databases import broken_rules
from tests.migrations.old_school import POLICY, OldSchool
from tests.school import DAY

SECOND = timedelta(seconds=1)


def test_a_step_is_linked_to_a_booking_as_if_it_had_been_booked_then(
    old_school: OldSchool,
) -> None:
    course = old_school.course()
    booked_at = old_school.now - 20 * DAY
    student = old_school.old_student(course, booked_at)

    summary = old_school.backfill()

    assert (summary.before, summary.linked, summary.left_steps) == (1, 1, [])
    booking = student.booking
    assert booking is not None
    assert (booking["user_id"], booking["session_id"]) == (student.id, course.sessions[0])
    assert (booking["booking_type"], booking["status"]) == ("COURSE_STEP", "CONFIRMED")
    assert (booking["payment_status"], booking["created_by"]) == ("PAID", student.id)
    assert booking["created_at"] == booked_at
    assert booking["metadata"] == {
        "stepOrder": 1,
        "stepLabel": "Step 1",
        "packageName": "Package",
    }
    assert booking["change_until"] == old_school.now + 2 * DAY
    progress = old_school.progress_of(student.package, student.step)
    assert (progress["status"], progress["booked_at"]) == ("BOOKED", booked_at)
    assert (progress["group_class_id"], progress["session_id"]) == (course.group_class,) * 2
    assert old_school.seats_taken(course.sessions[0]) == 1
    assert old_school.rows("SELECT session_id, booking_id, change, cause FROM seat_ledger") == [
        (course.sessions[0], booking["id"], 1, "BACKFILL")
    ]
    assert broken_rules(old_school.engine) == []


def test_nobody_is_told_of_what_they_knew_already(old_school: OldSchool) -> None:
    old_school.old_student(old_school.course())
    old_school.backfill()
    assert old_school.rows("SELECT * FROM outbox_message") == []


def test_a_step_without_a_time_was_booked_by_the_run_at_the_latest(old_school: OldSchool) -> None:
    student = old_school.old_student(old_school.course())
    old_school.change("student_course_step_progress", student.progress, booked_at=None)
    old_school.backfill()
    booking = student.booking
    assert booking is not None
    assert booking["created_at"] == old_school.now


def test_the_first_planned_session_after_the_runs_now_is_the_one(old_school: OldSchool) -> None:
    course = old_school.course(sessions=0)
    at_now = old_school.session(course.group_class, timedelta(0))
    off = old_school.session(course.group_class, SECOND, status="CANCELLED")
    last = old_school.session(course.group_class, 2 * DAY)
    first = old_school.session(course.group_class, DAY)
    student = old_school.old_student(course)
    old_school.backfill()
    assert student.session == first
    assert student.session not in {at_now, off, last}


def test_the_cohorts_pin_goes_before_the_first_session(old_school: OldSchool) -> None:
    course = old_school.course(sessions=3)
    old_school.pin(course.cohort, course.option, course.sessions[2])
    student = old_school.old_student(course)
    old_school.backfill()
    assert student.session == course.sessions[2]


def test_a_pin_that_is_over_or_cancelled_is_taken_no_notice_of(old_school: OldSchool) -> None:
    over = old_school.course()
    past = old_school.session(over.group_class, -DAY)
    old_school.pin(over.cohort, over.option, past)
    cancelled = old_school.course(sessions=2)
    old_school.change("session", cancelled.sessions[1], status="CANCELLED")
    old_school.pin(cancelled.cohort, cancelled.option, cancelled.sessions[1])
    students = [old_school.old_student(course) for course in (over, cancelled)]
    old_school.backfill()
    assert [student.session for student in students] == [over.sessions[0], cancelled.sessions[0]]


def test_a_full_session_is_no_reason_to_guess_another(old_school: OldSchool) -> None:
    course = old_school.course(capacity=1, sessions=2)
    second = old_school.old_student(course, old_school.now - DAY)
    first = old_school.old_student(course, old_school.now - 2 * DAY)
    summary = old_school.backfill()
    assert first.session == course.sessions[0]
    assert second.session is None
    assert old_school.left(summary) == {second.progress: "session_full"}
    assert old_school.seats_taken(course.sessions[1]) == 0


def test_what_cannot_be_placed_is_left_as_it_is_with_the_reason(old_school: OldSchool) -> None:
    nothing_planned = old_school.course(sessions=0)
    ends = {"expires_at": old_school.now + DAY}
    course = old_school.course(sessions=1)
    left = {
        old_school.old_student(nothing_planned).progress: "no_upcoming_session",
        old_school.old_student(course, status="CANCELLED").progress: "package_inactive",
        old_school.old_student(course, **ends).progress: "package_expired",
    }
    for class_id in (None, 4711):
        student, package = course.enrol_one()
        progress = old_school.old_booking(package, course.step, class_id)
        left[progress] = "group_class_unknown"
        assert student
    before = old_school.rows("SELECT * FROM student_course_step_progress ORDER BY id")

    summary = old_school.backfill()

    assert old_school.left(summary) == left
    assert old_school.rows("SELECT * FROM student_course_step_progress ORDER BY id") == before
    assert old_school.rows("SELECT * FROM booking") == []


def test_nobody_is_seated_twice_at_a_time(old_school: OldSchool) -> None:
    course = old_school.course()
    other = old_school.course()
    student = old_school.old_student(course)
    package = old_school.package(student.id, other.cohort)
    overlapping = old_school.old_booking(package, other.step, other.group_class)
    same_class = old_school.old_booking(
        old_school.package(student.id, course.cohort), course.step, course.group_class
    )
    summary = old_school.backfill()
    assert student.session == course.sessions[0]
    assert old_school.left(summary) == {
        overlapping: "time_conflict",
        same_class: "already_in_session",
    }


def test_a_step_that_has_a_seat_already_gets_no_second_one(old_school: OldSchool) -> None:
    course = old_school.course(sessions=2)
    student = old_school.old_student(course)
    old_school.backfill()
    # what no code of ours does: the link is lost, and the seat is not
    with old_school.engine.begin() as db:
        for statement in (
            "ALTER TABLE student_course_step_progress DISABLE TRIGGER USER",
            "UPDATE student_course_step_progress SET booking_id = NULL",
            "ALTER TABLE student_course_step_progress ENABLE TRIGGER USER",
        ):
            db.exec_driver_sql(statement)
    summary = old_school.backfill()
    assert old_school.left(summary) == {student.progress: "step_already_booked"}


def test_the_order_of_steps_and_the_opening_were_the_old_codes_to_look_at(
    old_school: OldSchool,
) -> None:
    course = old_school.course(ordered=True, booking_opens_at=old_school.now + 9 * DAY)
    later = old_school.group_class()
    second = old_school.step(course.program, order=2)
    old_school.option(second, later)
    before_the_first = old_school.session(later, DAY)
    student = old_school.old_student(course)
    old_school.old_booking(student.package, second, later)
    assert old_school.backfill().linked == 2
    assert old_school.seats_taken(before_the_first) == 1


def test_seats_that_are_promised_to_the_waitlist_are_left_to_it(old_school: OldSchool) -> None:
    course = old_school.course(capacity=1)
    holder, waiter = course.pupil(), course.pupil()
    holder.book()
    waiter.join(course.sessions[0])
    holder.cancel()
    decider = Decider(old_school.engine, lambda: old_school.now + SECOND, POLICY)
    # the promotion that the last one queues is for the next batch
    assert decide_batch(decider, lane_of(course.group_class)).decided == 3
    assert old_school.seats_taken(course.sessions[0]) == 0

    student = old_school.old_student(course)
    assert old_school.left(old_school.backfill()) == {student.progress: "session_full"}

    decide_lane(decider, lane_of(course.group_class))
    assert waiter.booking() is not None
