"""What a student who waited long for a decision reads of it."""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from models.couriers import Claimed
from models.lanes import lane_of
from models.letter_topics import LetterTopic
from models.policy import Policy
from models.round import ATTEMPTS, Decider, decide_alone
from tasks import worker_state
from tasks.letters.orders import read_order
from tasks.mailing import Courier
from tests.deciding import booked, decide_all
from tests.school import DAY, Course, Pupil, School
from tests.tasks.post import Post
from tests.tasks.this_worker import state_of

AGO = timedelta(seconds=75)
INSTANT = timedelta(microseconds=1)


@pytest.fixture
def course(school: School) -> Course:
    return school.course(capacity=1, sessions=2)


def speaks(school: School, pupil: Pupil, locale: str) -> None:
    school.change("user_account", pupil.id, locale=locale, time_zone="Europe/Berlin")


@pytest.fixture
def late(school: School, decider: Decider, course: Course, post: Post) -> Pupil:
    """A student who comes when the first session is full."""
    booked(course, decider, course.sessions[0])
    post.letters()
    return course.pupil()


def test_a_refused_booking_says_what_why_what_else_and_that_the_waitlist_is_open(
    school: School, course: Course, late: Pupil, post: Post
) -> None:
    late.book(course.sessions[0], at=school.now - AGO)
    subject, body = post.letter()
    assert subject == "Not booked: Course, Step 1: The step number 1"
    assert "You asked us to book this. We could not, and nothing was changed:" in body
    assert "This session is full. Please choose another one, or join the waitlist." in body
    assert "These sessions have free seats:" in body
    assert "The waitlist is open" in body
    assert "took longer than usual" in body
    assert "https://booking.x.example/" in body


def test_it_is_told_in_the_students_language(
    school: School, course: Course, late: Pupil, post: Post
) -> None:
    speaks(school, late, "de-AT")
    late.book(course.sessions[0], at=school.now - AGO)
    subject, body = post.letter()
    assert subject == "Nicht gebucht: Course, Step 1: The step number 1"
    assert "Dieser Termin ist ausgebucht. Bitte wählen Sie einen anderen" in body
    assert "Bei diesen Terminen sind Plätze frei:" in body
    assert "Ortszeit Berlin" in body
    assert "Die Warteliste ist offen" in body


@pytest.mark.parametrize(
    ("locale", "sentence"),
    [
        ("en", "This session overlaps “Yoga”, which you have booked for that time."),
        ("de", "Dieser Termin überschneidet sich mit einem anderen, den Sie gebucht haben."),
    ],
)
def test_a_sentence_that_names_a_class_is_told_without_it_in_other_languages(
    school: School, decider: Decider, post: Post, locale: str, sentence: str
) -> None:
    first, second = school.course(), school.course()
    pupil = booked(first, decider)
    post.letters()
    speaks(school, pupil, locale)
    pupil.of(second).book(at=school.now - AGO)
    assert sentence in post.letter()[1]


@pytest.mark.parametrize(
    ("ask", "subject", "body"),
    [
        ("change", "Not changed", "You have no booking for this step yet."),
        ("cancel", "Not cancelled", "You have no booking for this step yet."),
        ("join", "Waitlist unchanged", "There is a free seat, so nobody has to wait."),
        ("leave", "Waitlist unchanged", "You are not on a waitlist for this step."),
    ],
)
def test_every_operation_says_what_was_asked(  # noqa: PLR0917 - fixtures
    school: School, course: Course, post: Post, ask: str, subject: str, body: str
) -> None:
    getattr(course.pupil(), ask)(at=school.now - AGO)
    told, said = post.letter()
    assert told == f"{subject}: Course, Step 1: The step number 1"
    assert body in said


def test_leaving_a_waitlist_is_confirmed_when_it_took_long(
    school: School, course: Course, late: Pupil, post: Post
) -> None:
    late.join(course.sessions[0])
    post.letters()
    late.leave(at=school.now - AGO)
    subject, body = post.letter()
    assert subject == "Off the waitlist: Course, Step 1: The step number 1"
    assert "you don't wait for a seat any more" in body


def test_a_job_that_was_given_up_says_so(school: School, course: Course, post: Post) -> None:
    job = course.pupil().book(at=school.now - AGO)
    with school.engine.begin() as db:
        db.execute(text("UPDATE booking_job SET attempts = :attempts"), {"attempts": ATTEMPTS})
    assert decide_alone(post.decider, lane_of(course.group_class), job).decided
    subject, body = post.letter()
    assert subject == "Not booked: Course, Step 1: The step number 1"
    assert "Something broke on our side and nothing was changed." in body


def with_a_full_step(school: School, course: Course) -> int:
    """Another step of the course, whose only class is full."""
    step = school.step(course.program, 2)
    full = school.group_class(capacity=0)
    school.option(step, full)
    school.session(full, 5 * DAY)
    return step


def test_a_wizard_reads_which_steps_are_missing(school: School, course: Course, post: Post) -> None:
    with_a_full_step(school, course)
    course.pupil().bulk(mode="BEST_EFFORT", at=school.now - AGO)
    letters = post.letters()
    assert len(letters) == 2
    [body] = letters["Not all of it was booked: Course"]
    assert "Step 2: The step number 2" in body
    assert "Step 1" not in body
    assert "This session is full." in body


def test_a_refused_wizard_reads_each_reason(school: School, course: Course, post: Post) -> None:
    pupil = course.pupil()
    pupil.bulk((course.step, course.option), (999, course.option), at=school.now - AGO)
    subject, body = post.letter()
    assert subject == "Not booked: Course"
    assert "This class is not offered for this step." in body
    assert "nothing was changed" in body


def test_a_wizard_with_nothing_to_do_reads_just_that(
    school: School, decider: Decider, post: Post
) -> None:
    course = school.course()
    pupil = booked(course, decider)
    post.letters()
    pupil.bulk(at=school.now - AGO)
    subject, body = post.letter()
    assert subject == "Nothing left to book: Course"
    assert "Every step is booked already" in body


def test_what_is_gone_is_no_letter(school: School) -> None:
    gone = {
        LetterTopic.REQUEST_REFUSED: {"booking_job_id": str(UUID(int=1))},
        LetterTopic.WEBHOOK_DISABLED: {"webhook_endpoint_id": 1},
        LetterTopic.WAITLIST_JOINED: {"waitlist_entry_id": 1},
        LetterTopic.BOOKING_CONFIRMED: {"booking_id": 1},
    }
    with school.engine.connect() as db:
        for topic, payload in gone.items():
            message = Claimed(UUID(int=2), 1, topic, 1, payload, 1, UUID(int=3))
            assert read_order(db, message, Policy(), school.now) is None


def test_what_has_ended_before_its_letter_leaves_is_not_told_as_if_it_went_on(
    school: School, course: Course, post: Post
) -> None:
    pupil = course.pupil()
    pupil.book()
    decide_all(post.decider)
    pupil.cancel("No time after all")
    assert [subject.partition(":")[0] for subject in post.letters()] == ["Cancelled"]
    assert school.rows(
        "SELECT topic, status, last_error FROM outbox_message WHERE kind = 'MAIL' ORDER BY written"
    ) == [
        ("booking_confirmed", "SUPERSEDED", "it has ended since"),
        ("booking_cancelled", "SENT", None),
    ]


def leaving_at(post: Post, now: datetime) -> Post:
    """The same post office, whose courier comes at that time."""
    decide_all(post.decider)
    state = state_of(replace(post.decider, clock=lambda: now), Courier(None, post.maildir))
    worker_state.provide(lambda: state)
    return post


def start_of(school: School, session: int) -> datetime:
    [(start_at,)] = school.rows("SELECT start_at FROM session WHERE id = :id", id=session)
    return start_at


@pytest.mark.parametrize("named", [True, False], ids=["a session", "any session"])
@pytest.mark.parametrize(("late_by", "offered"), [(-INSTANT, True), (timedelta(0), False)])
def test_a_waitlist_is_offered_until_the_cutoff_of_the_last_session_and_no_longer(
    school: School, course: Course, post: Post, *, named: bool, late_by: timedelta, offered: bool
) -> None:
    for session in course.sessions:
        booked(course, post.decider, session)
    post.letters()
    last = course.sessions[0 if named else -1]
    course.pupil().book(last if named else None, at=school.now - AGO)
    cutoff = start_of(school, last) - post.decider.policy.waitlist_cutoff
    _, body = leaving_at(post, cutoff + late_by).letter()
    assert "full" in body
    assert ("waitlist" in body) == offered


@pytest.mark.parametrize(
    ("late_by", "status", "why"),
    [
        (-INSTANT, "SENT", None),
        (timedelta(0), "SUPERSEDED", "the waitlist of its session is closed by now"),
    ],
)
def test_who_joined_a_waitlist_isnt_told_so_when_it_is_closed_by_then(
    school: School,
    course: Course,
    late: Pupil,
    post: Post,
    *,
    late_by: timedelta,
    status: str,
    why: str | None,
) -> None:
    late.join(course.sessions[0])
    cutoff = start_of(school, course.sessions[0]) - post.decider.policy.waitlist_cutoff
    leaving_at(post, cutoff + late_by).letters()
    assert school.rows(
        "SELECT status, last_error FROM outbox_message WHERE topic = 'waitlist_joined'"
    ) == [(status, why)]


def test_a_confirmation_that_leaves_after_the_start_tells_what_was(
    school: School, course: Course, post: Post
) -> None:
    course.pupil().book(course.sessions[0])
    subject, body = leaving_at(post, start_of(school, course.sessions[0])).letter()
    assert subject == "Booked: Course, Step 1: The step number 1"
    assert "Your seat was booked. The session has begun by now:" in body
    assert "See you there" not in body
