"""The letter that tells staff of a webhook which gets nothing any more."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import insert

from models.new_id import new_id
from models.outbox import OutboxKind, OutboxMessage
from models.webhook import DisabledReason, WebhookEndpoint
from tests.school import School
from tests.tasks.post import Post


def tell(school: School, **columns: object) -> UUID:
    """An endpoint that was switched off, and the message to a member of staff about it."""
    person = school.person("STAFF", locale="de")
    row = {
        "url": "https://hooks.x.example/in?key=secret",
        "secret": "whsec_x",
        "enabled": False,
        "disabled_at": school.now,
        "disabled_reason": DisabledReason.FAILING,
        "failing_since": school.now - timedelta(days=5),
        "created_at": school.now,
    }
    message = new_id()
    with school.engine.begin() as db:
        values = row | columns
        query = insert(WebhookEndpoint).values(**values).returning(WebhookEndpoint.id)
        endpoint = db.scalar(query)
        db.execute(
            insert(OutboxMessage).values(
                id=message,
                kind=OutboxKind.MAIL,
                topic="webhook_disabled",
                user_id=person,
                payload={"webhook_endpoint_id": endpoint},
            )
        )
    return message


def status(school: School, message: UUID) -> tuple[str, str | None]:
    query = "SELECT status, last_error FROM outbox_message WHERE id = :id"
    [(status, error)] = school.rows(query, id=message)
    return status, error


def test_staff_read_which_host_it_was_in_their_language(school: School, post: Post) -> None:
    tell(school)
    subject, body = post.letter()
    assert subject == "Webhook abgeschaltet: hooks.x.example"
    assert "werden an hooks.x.example keine Ereignisse mehr geschickt" in body
    assert "secret" not in body


def test_nobody_is_told_of_one_that_is_on_again(school: School, post: Post) -> None:
    on = {"enabled": True, "disabled_at": None, "disabled_reason": None}
    message = tell(school, **on)
    assert post.letters() == {}
    assert status(school, message) == ("SUPERSEDED", "the webhook is enabled again")


def test_nobody_is_told_of_one_that_was_deleted(school: School, post: Post) -> None:
    message = tell(school, deleted_at=school.now)
    assert post.letters() == {}
    assert status(school, message) == ("DEAD", "what it is about is gone")
