"""What letters about a booking do in the reader's calendar."""

import email
import email.policy
from email.message import EmailMessage
from typing import Any

from sqlalchemy import text

from tasks.letters.invitations import attach_invitation
from tests.calendars import only_event
from tests.deciding import decide_all
from tests.school import DAY, Pupil, School
from tests.tasks.invitations import carries, invitation
from tests.tasks.post import Post

BEGIN = b"BEGIN:VCALENDAR\r\n\xc3\xa4\r\nEND:VCALENDAR\r\n"


def test_who_books_changes_twice_and_cancels_has_one_entry_that_ends(
    school: School, post: Post
) -> None:
    course = school.course(sessions=3)
    pupil = course.pupil()
    told = []
    for deed in (
        lambda: pupil.book(course.sessions[0]),
        lambda: pupil.change(course.sessions[1]),
        lambda: pupil.change(course.sessions[2]),
        pupil.cancel,
        lambda: pupil.book(course.sessions[1]),
    ):
        deed()
        [letter] = post.messages()
        told.append(letter)

    assert [carries(letter) for letter in told] == [
        ("REQUEST", 0),
        ("REQUEST", 1),
        ("REQUEST", 2),
        ("CANCEL", 3),
        ("REQUEST", 4),
    ]
    events = [only_event(invitation(letter)) for letter in told]
    assert len({event.uid for event in events}) == 1
    assert [event.status for event in events] == [
        "CONFIRMED",
        "CONFIRMED",
        "CONFIRMED",
        "CANCELLED",
        "CONFIRMED",
    ]
    organizers = {str(event.organizer and event.organizer.uri) for event in events}
    assert organizers == {"mailto:school@x.example"}
    assert {event.attendees[0].uri for event in events} == {
        f"mailto:{told[0]['To'].addresses[0].addr_spec}"
    }


def test_what_staff_do_to_a_session_is_done_in_calendars(school: School, post: Post) -> None:
    course, elsewhere = school.course(sessions=2), school.course(sessions=0)
    pupil, clashing = course.pupil(), course.pupil()
    start = school.now + 20 * DAY
    for each in (pupil, clashing):
        each.book(course.sessions[0])
    clashing.of(elsewhere).book(school.session(elsewhere.group_class, start_at=start))
    post.messages()
    staff = school.staff()
    staff.move_session(course.sessions[0], start)
    moved = {letter["To"].addresses[0].addr_spec: carries(letter) for letter in post.messages()}
    assert moved == {address(pupil): ("REQUEST", 1), address(clashing): ("CANCEL", 1)}
    staff.cancel_session(course.sessions[0])
    [cancelled] = post.messages()

    assert carries(cancelled) == ("CANCEL", 2)


def test_who_is_promoted_has_it_entered_and_who_waits_has_nothing(
    school: School, post: Post
) -> None:
    course = school.course(capacity=1, sessions=2)
    holder, waits = course.pupil(), course.pupil()
    holder.book(course.sessions[0])
    waits.book(course.sessions[1])
    post.messages()
    waits.join(course.sessions[0])
    [joined] = post.messages()
    assert carries(joined) == (None, None)
    holder.cancel()
    told = {letter["To"].addresses[0].addr_spec: carries(letter) for letter in post.messages()}

    assert told == {address(holder): ("CANCEL", 1), address(waits): ("REQUEST", 1)}


def test_a_seat_without_a_step_is_entered_too(school: School, post: Post) -> None:
    course = school.course()
    school.staff().book_seat(school.person(), course.sessions[0])
    [letter] = post.messages()

    assert carries(letter) == ("REQUEST", 0)
    assert only_event(invitation(letter)).summary == "Yoga"


def test_a_confirmation_that_comes_late_brings_no_cancelled_entry_back(
    school: School, post: Post
) -> None:
    course = school.course(sessions=2)
    pupil = course.pupil()
    pupil.book(course.sessions[0])
    decide_all(post.decider)
    pupil.cancel()
    told = [carries(letter) for letter in post.messages()]

    assert told[-1] == ("CANCEL", 1)
    assert ("REQUEST", 0) not in told


def test_a_cancellation_that_comes_late_ends_no_entry_that_goes_on(
    school: School, post: Post
) -> None:
    course = school.course(sessions=2)
    pupil = course.pupil()
    pupil.book(course.sessions[0])
    post.messages()
    pupil.cancel()
    decide_all(post.decider)
    pupil.book(course.sessions[1])
    told = [carries(letter) for letter in post.messages()]

    assert told[-1] == ("REQUEST", 2)
    assert not any(method == "CANCEL" for method, _ in told)


def test_a_letter_that_comes_late_tells_the_times_of_now(school: School, post: Post) -> None:
    course = school.course()
    pupil = course.pupil()
    pupil.book()
    decide_all(post.decider)
    start = (school.now + 20 * DAY).replace(microsecond=0)
    school.staff().move_session(course.sessions[0], start)
    told = post.messages()

    subjects = [letter["Subject"].partition(":")[0] for letter in told]
    assert subjects == ["Booked", "New time"]
    assert [carries(letter) for letter in told] == [("REQUEST", 1)] * 2
    assert {only_event(invitation(letter)).dtstart for letter in told} == {start}


def test_the_file_passes_as_it_is_and_is_beside_each_kind_of_text() -> None:
    plain = EmailMessage(policy=email.policy.SMTP)
    plain.set_content("text")
    both = EmailMessage(policy=email.policy.SMTP)
    both.set_content("text")
    both.add_alternative("<p>html", subtype="html")
    for message, kinds in ((plain, ["plain"]), (both, ["plain", "html"])):
        attach_invitation(message, "REQUEST", BEGIN)
        again: Any = email.message_from_bytes(message.as_bytes(), policy=email.policy.default)
        body, file = again.iter_parts()
        *texts, calendar = body.iter_parts()
        assert [part.get_content_subtype() for part in texts] == kinds
        assert calendar.get_payload(decode=True) == BEGIN == file.get_payload(decode=True)
        assert all(len(line) <= 78 for line in message.as_bytes().split(b"\r\n"))


def test_a_name_that_looks_like_a_property_makes_none(school: School, post: Post) -> None:
    pupil = school.course().pupil()
    with school.engine.begin() as db:
        db.execute(text("UPDATE course_step SET title = E'A\\r\\nATTENDEE:mailto:all@x.example'"))
        db.execute(text("UPDATE user_account SET name = E'Eve\\r\\nMETHOD:CANCEL'"))
    pupil.book()
    [letter] = post.messages()
    event = only_event(invitation(letter))

    assert carries(letter) == ("REQUEST", 0)
    assert event.summary == "Course, Step 1: A ATTENDEE:mailto:all@x.example"
    assert [attendee.common_name for attendee in event.attendees] == ["Eve METHOD:CANCEL"]


def address(pupil: Pupil) -> str:
    [(found,)] = pupil.school.rows("SELECT email FROM user_account WHERE id = :id", id=pupil.id)
    return str(found)
