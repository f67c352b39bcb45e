"""Who is ahead of whom in the queue, as it stood a moment ago."""

from datetime import timedelta

from sqlalchemy import text

from models.queue_snapshot import SLOWEST, QueueSnapshot, snapshot_queue
from tests.school import School

DECIDED = """
INSERT INTO booking_job
    (id, kind, status, submitted_by, user_id, request, lanes, submitted_at, decided_at, result)
VALUES (gen_random_uuid(), 'BOOK_STEP', 'SUCCEEDED', 1, 1, '{}', '{1}', now(),
"""


def test_a_job_that_the_snapshot_knows_is_not_counted_again() -> None:
    queue = QueueSnapshot({3: [5, 9]})
    queue.add([3, 4], 9)
    queue.add([3, 4], 7)
    queue.add([3], 7)

    assert queue.arrivals == {3: [5, 7, 9], 4: [7, 9]}
    assert queue.length == 5


def test_the_fullest_lane_says_how_many_are_ahead() -> None:
    queue = QueueSnapshot({3: [5, 7, 9], 4: [8]}, per_second=2.0)

    assert queue.position([3, 4], 9) == 2
    assert queue.position([4], 8) == 0
    assert queue.position([6], 9) == 0
    assert queue.position([], 9) == 0


def test_lanes_are_served_in_turns() -> None:
    queue = QueueSnapshot({3: list(range(40)), 4: [1, 2], 5: []}, per_second=2.0)

    assert queue.seconds(10) == 6
    assert queue.seconds(1) == 1
    assert queue.seconds(0) == 0


def test_speed_is_measured_from_the_first_decision_of_late(school: School) -> None:
    decide_long_ago = "now() - interval '1 minute'"
    decided = [decide_long_ago] * 500 + ["now() - interval '2 s'"] + ["now()"] * 599
    with school.engine.begin() as db:
        for when in decided:
            db.execute(text(f"{DECIDED} {when}, '{{}}')"))
        now = db.scalar(text("SELECT now()"))
        assert snapshot_queue(db, now).per_second == 300
        assert snapshot_queue(db, now + timedelta(seconds=3)).per_second == SLOWEST
