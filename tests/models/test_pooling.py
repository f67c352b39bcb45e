"""What a connection pooler between us and the database may rely on."""

import tempfile
from dataclasses import replace
from pathlib import Path

from sqlalchemy import Engine, text

from app.settings import Settings
from models.connection import make_engine
from models.deciding import decide_lane
from models.round import Decider
from tests.faults.cutting_proxy import PoolerKeys
from tests.models.test_locked_rows import lane_of
from tests.school import School


def test_deciding_leaves_nothing_on_the_connection_for_a_pooler_to_lose(
    school: School, decider: Decider, settings: Settings
) -> None:
    one_connection = make_engine(settings.database_url, pool_size=1)
    course = school.course(capacity=20)
    for enrolled in course.enrol(12):
        job = course.submit(*enrolled)
        decide_lane(replace(decider, engine=one_connection), lane_of(school, job))
    with one_connection.connect() as db:
        assert db.scalar(text("SELECT count(*) FROM pg_prepared_statements")) == 0
        assert db.scalar(text("SHOW lock_timeout")) == "3s"
    one_connection.dispose()


def prepared(engine: Engine) -> int:
    """How many statements are prepared after one was asked often."""
    query = text("SELECT count(*) FROM pg_prepared_statements")
    with engine.connect() as db:
        for _ in range(20):
            db.scalar(query)
        return int(db.scalar(query) or 0)


def test_what_is_asked_often_is_prepared_where_no_pooler_is_in_between(settings: Settings) -> None:
    direct = make_engine(settings.database_url, pool_size=1, prepares=True)
    with tempfile.TemporaryDirectory() as directory:  # short: a socket's path has few bytes
        pooler = PoolerKeys(settings.database_url, Path(directory))
        pooled = make_engine(pooler.url, pool_size=1, prepares=True)

        assert (prepared(direct), prepared(pooled)) == (1, 0)
        direct.dispose()
        pooled.dispose()
        pooler.close()
