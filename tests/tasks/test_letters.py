"""What each kind of letter says, from the decision to the mail."""

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import text

from tests.school import DAY, Pupil, School
from tests.tasks.post import Post

BERLIN = ZoneInfo("Europe/Berlin")


def when(school: School, session: int) -> str:
    [(start_at,)] = school.rows("SELECT start_at FROM session WHERE id = :id", id=session)
    local: datetime = start_at.astimezone(BERLIN)
    hour = local.hour % 12 or 12
    return f"{local:%A, %B} {local.day}, {local.year}, {hour}:{local:%M %p}"


def booked(
    school: School, post: Post, capacity: int = 1, sessions: int = 2
) -> tuple[Pupil, list[int]]:
    course = school.course(capacity=capacity, sessions=sessions)
    pupil = course.pupil()
    pupil.book(course.sessions[0])
    post.letters()
    return pupil, course.sessions


def another(school: School, pupil: Pupil) -> Pupil:
    [(cohort,)] = school.rows(
        "SELECT course_cohort_id FROM student_package WHERE id = :id", id=pupil.package
    )
    student = school.person()
    return Pupil(school, student, school.package(student, cohort), pupil.step, pupil.option)


def test_a_changed_booking_is_confirmed_with_both_times(school: School, post: Post) -> None:
    pupil, (before, after) = booked(school, post)
    pupil.change(after)
    subject, body = post.letter()

    assert subject == "Changed: Course, Step 1: The step number 1"
    assert when(school, after) in body
    assert f"Your seat on {when(school, before)}" in body
    assert "You can change or cancel it until" in body


def test_a_cancelled_booking_is_confirmed_with_its_reason(school: School, post: Post) -> None:
    pupil, (session, _) = booked(school, post)
    pupil.cancel("I am away")
    subject, body = post.letter()

    assert subject == "Cancelled: Course, Step 1: The step number 1"
    assert when(school, session) in body
    assert "The reason: I am away" in body


def test_who_waits_is_told_and_so_is_who_gets_the_seat(school: School, post: Post) -> None:
    holder, (full, _) = booked(school, post)
    waiting = another(school, holder)
    waiting.join(full)
    subject, body = post.letter()
    assert subject == "On the waitlist: Course, Step 1: The step number 1"
    assert when(school, full) in body

    holder.cancel()
    letters = post.letters()
    [body] = letters["You have a seat: Course, Step 1: The step number 1"]
    assert when(school, full) in body
    assert "is free again" not in body


def test_who_waits_for_any_session_is_told_just_that(school: School, post: Post) -> None:
    holder, _ = booked(school, post, sessions=1)
    another(school, holder).join()
    _, body = post.letter()

    assert "any of its coming sessions" in body


def test_who_is_swapped_is_told_which_seat_is_free_again(school: School, post: Post) -> None:
    holder, (full, other) = booked(school, post)
    waiting = another(school, holder)
    waiting.book(other)
    waiting.join(full)
    post.letters()
    holder.cancel()

    [body] = post.letters()["You have a seat: Course, Step 1: The step number 1"]
    assert when(school, full) in body
    assert f"Your seat on {when(school, other)}" in body
    assert "is free again" in body


def test_when_a_session_is_cancelled_everybody_is_told_and_offered_others(
    school: School, post: Post
) -> None:
    holder, (cancelled, other) = booked(school, post)
    another(school, holder).join(cancelled)
    post.letters()
    school.staff().cancel_session(cancelled, "The teacher is ill")
    letters = post.letters()

    [body] = letters["Session cancelled: Course, Step 1: The step number 1"]
    assert "The reason: The teacher is ill" in body
    assert "These sessions have free seats" in body
    assert when(school, other) in body
    assert "Waitlist closed: Course, Step 1: The step number 1" in letters


def test_when_a_session_is_moved_its_students_are_told_both_times(
    school: School, post: Post
) -> None:
    _, (session, _) = booked(school, post)
    before = when(school, session)
    school.staff().move_session(session, school.now + 9 * DAY)
    subject, body = post.letter()

    assert subject == "New time: Course, Step 1: The step number 1"
    assert when(school, session) in body
    assert f"It was planned for {before}" in body


def test_whom_a_moved_session_collides_with_is_told_why_the_seat_is_gone(
    school: School, post: Post
) -> None:
    pupil, (session, _) = booked(school, post)
    elsewhere = school.course(sessions=0)
    start = school.now + 9 * DAY
    pupil.of(elsewhere).book(school.session(elsewhere.group_class, start_at=start))
    post.letters()
    school.staff().move_session(session, start, "The room is taken")
    subject, body = post.letter()

    assert subject == "Your seat was released: Course, Step 1: The step number 1"
    assert "at which you have another booking" in body
    assert "The reason: The room is taken" in body


def test_a_seat_without_a_step_is_confirmed_by_its_class(school: School, post: Post) -> None:
    course = school.course()
    school.staff().book_seat(school.person(), course.sessions[0])
    subject, body = post.letter()

    assert subject == "Booked: Yoga"
    assert when(school, course.sessions[0]) in body


def test_lines_in_names_and_reasons_make_no_headers_and_no_lines(
    school: School, post: Post
) -> None:
    pupil, _ = booked(school, post)
    with school.engine.begin() as db:
        db.execute(text("UPDATE course_step SET title = E'First\\r\\nBcc: all@x.example'"))
    pupil.cancel("I am\r\naway")
    subject, body = post.letter()

    assert subject == "Cancelled: Course, Step 1: First Bcc: all@x.example"
    assert "The reason: I am away" in body
