"""Nothing is sent to whoever was erased, whenever it was written."""

from models.auditing import Actor
from models.personal.erasing import erase_person
from models.resending import send_again
from models.round import Decider
from tests.deciding import booked
from tests.school import School
from tests.tasks.post import Post


def test_a_letter_that_staff_send_once_more_goes_nowhere(
    school: School, decider: Decider, post: Post
) -> None:
    pupil = booked(school.course(), decider)
    pupil.cancel()
    assert len(post.messages()) == 1, "while they are there"
    erase_person(decider, pupil.id)
    of_cancelling = "SELECT id FROM outbox_message WHERE topic = 'booking_cancelled'"
    [(message,)] = school.rows(of_cancelling)
    with school.engine.begin() as db:
        send_again(db, message, Actor(None, "192.0.2.7", school.now))

    assert post.sent() == []
    again = "SELECT status, last_error FROM outbox_message WHERE resend_of IS NOT NULL"
    assert school.rows(again) == [("SUPERSEDED", "the person was erased")]
