"""Who is ahead of whom in the queue, as it stood a moment ago."""

from models.queue_snapshot import QueueSnapshot


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
    assert queue.seconds(7) == 4
