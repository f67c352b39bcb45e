"""Jobs that wait already: made by one statement as the API's submits would have made them."""

from sqlalchemy import Connection, Engine, text

from benchmarks.school import MINUTES, School
from models.lanes import LANES
from models.long_transaction import allow_long_transaction

_QUEUE = """
    WITH made AS (
        INSERT INTO booking_job (id, kind, submitted_by, user_id, student_package_id,
                                 course_step_id, request, lanes, submitted_at)
        SELECT uuidv7(), 'BOOK_STEP', :base + n, :base + n, :base + n,
               :base + n % :programs * :steps,
               jsonb_build_object('course_step_option_id', option, 'session_id', option),
               ARRAY[option % :lanes]::smallint[], now()
        FROM generate_series(0, :students - 1) AS n,
             LATERAL (SELECT :base + n % :programs * :steps * :options AS option)
        ORDER BY n
        RETURNING id, lanes, arrival, submitted_at
    )
    INSERT INTO job_queue (lane, priority, arrival, job_id, submitted_at)
    SELECT lanes[1], 1, arrival, id, submitted_at FROM made
"""


def queue_bookings(db: Connection, school: School) -> None:
    """Let every student of the school have asked for their first step's first option."""
    allow_long_transaction(db, MINUTES)
    db.execute(text(_QUEUE), school.numbers() | {"lanes": LANES})


def first_of_each_lane(engine: Engine) -> list[str]:
    """Return the oldest queued job of each lane: whom the web would have woken a worker for."""
    query = "SELECT DISTINCT ON (lane) job_id FROM job_queue ORDER BY lane, priority, arrival"
    with engine.connect() as db:
        return [str(job_id) for job_id in db.scalars(text(query))]
