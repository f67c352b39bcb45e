"""What a connection pooler between us and the database may rely on."""

from dataclasses import replace

from sqlalchemy import text

from app.settings import Settings
from models.connection import make_engine
from models.deciding import decide_lane
from models.round import Decider
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
