"""A database connection that ends in the middle of a decision."""

from sqlalchemy import text

from tests.faults.stack import WorkingStack, waiting_backends
from tests.processes import until


def test_when_the_backend_that_holds_a_lane_is_ended_everybody_proceeds(
    stack: WorkingStack,
) -> None:
    engine = stack.school.engine
    course = stack.school.course()
    held_up, behind = stack.submit(course, 2)
    with stack.held("user_account", stack.school.job(held_up).user_id):
        stack.wake([held_up])
        stack.await_waiting()
        [other] = stack.submit(stack.school.course())
        stack.wake([other])
        stack.await_status([other])  # another lane isn't held up at all

        [backend] = waiting_backends(engine)
        with engine.begin() as db:
            assert db.scalar(text("SELECT pg_terminate_backend(:pid)"), {"pid": backend})
        until(lambda: backend not in waiting_backends(engine), 10, "the backend's end")

    stack.await_status([held_up, behind])
    assert stack.school.job(held_up).attempts == 1
    stack.assert_settled(bookings=3)
