"""What `/metrics` tells of the work in hand, which alerts are made of."""

import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, text

from app import create_app
from app.settings import Settings
from models.deciding import decide_lane
from models.heartbeat import beat
from models.lanes import lane_of
from models.round import Decider
from tests.school import Course, School


@pytest.fixture
def client(engine: Engine, settings: Settings) -> FlaskClient:
    return create_app(settings).test_client()


def numbers(client: FlaskClient) -> dict[str, float]:
    lines = re.findall(r"^(thrive_\S+) (\S+)$", client.get("/metrics").text, re.MULTILINE)
    return {name: float(number) for name, number in lines}


def one_job(school: School) -> Course:
    course = school.course()
    course.submit(*course.enrol_one())
    return course


def test_nothing_to_do_is_zero_and_not_nothing(client: FlaskClient) -> None:
    found = numbers(client)

    assert found["thrive_queued_jobs"] == found["thrive_oldest_queued_seconds"] == 0
    assert found["thrive_failed_jobs"] == found["thrive_disabled_webhooks"] == 0
    for kind in ("MAIL", "EVENT"):
        for name in ("unsent_messages", "oldest_unsent_seconds", "dead_messages"):
            assert found[f'thrive_{name}{{kind="{kind}"}}'] == 0
    assert found["thrive_broker_up"] == 1
    assert not any(name.startswith("thrive_process_seen_seconds") for name in found)


def test_what_is_queued_and_what_has_not_left_is_counted_with_its_age(
    school: School, decider: Decider, engine: Engine, client: FlaskClient
) -> None:
    course = one_job(school)
    with engine.begin() as db:
        db.execute(text("UPDATE job_queue SET submitted_at = now() - interval '1 hour'"))
    found = numbers(client)
    assert found["thrive_queued_jobs"] == 1
    assert 3600 <= found["thrive_oldest_queued_seconds"] < 3700

    decide_lane(decider, lane_of(course.group_class))
    with engine.begin() as db:
        db.execute(text("UPDATE outbox_message SET created_at = now() - interval '2 hours'"))
    found = numbers(client)
    assert found["thrive_queued_jobs"] == 0
    assert found['thrive_unsent_messages{kind="MAIL"}'] == 1
    assert 7200 <= found['thrive_oldest_unsent_seconds{kind="MAIL"}'] < 7300


def test_what_was_given_up_and_who_is_alive_is_told(
    school: School, decider: Decider, engine: Engine, client: FlaskClient
) -> None:
    decide_lane(decider, lane_of(one_job(school).group_class))
    one_job(school)
    with engine.begin() as db:
        db.execute(
            text(
                "UPDATE booking_job SET status = 'FAILED', result = NULL, error = '{}'"
                " WHERE status = 'SUCCEEDED'"
            )
        )
        db.execute(
            text(
                "UPDATE outbox_message SET status = 'DEAD', finished_at = now() WHERE kind = 'MAIL'"
            )
        )
        db.execute(
            text(
                "INSERT INTO webhook_endpoint"
                " (url, secret, enabled, disabled_at, disabled_reason, created_at) VALUES"
                " ('https://gone.example', 's', false, now(), 'GONE', now()),"
                " ('https://meant.example', 's', false, now(), 'STAFF', now())"
            )
        )
        beat(db, "worker")
    found = numbers(client)

    assert found["thrive_failed_jobs"] == 1
    assert found['thrive_dead_messages{kind="MAIL"}'] == 1
    assert found['thrive_unsent_messages{kind="MAIL"}'] == 0
    assert found["thrive_disabled_webhooks"] == 1
    assert found['thrive_process_seen_seconds{process="worker"}'] < 60
