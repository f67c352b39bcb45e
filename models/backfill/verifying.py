"""Proves what a run made: what it says, against what the other tables say.

Counts before and after, as the plan wants (“Risk Assessment”).
"""

from typing import NamedTuple

from sqlalchemy import Connection, text


class Counts(NamedTuple):
    """What the tables say of a run: steps that it linked and left, and those that have no booking.

    `unlinked` counts all that are booked without a booking now, `unseen` those of them that the
    run didn't leave: they were booked behind it, or locked whenever it came.
    """

    linked: int
    left: int
    unlinked: int
    unseen: int


def count_after(db: Connection, run_id: int) -> Counts:
    """Count in one snapshot."""
    return Counts(*db.execute(text(_COUNTS), {"run": run_id}).one())


def find_faults(db: Connection, run_id: int) -> list[str]:
    """A line for each booking of the run that isn't what it should be; none if all is well."""
    return [
        f"violation {name} {row.id} {row.detail}"
        for name, query in FAULTS.items()
        for row in db.execute(text(query), {"run": run_id})
    ]


_COUNTS = """
WITH run AS MATERIALIZED (
    SELECT progress_id, outcome FROM backfill_row WHERE backfill_run_id = :run
), unlinked AS MATERIALIZED (
    SELECT id FROM student_course_step_progress WHERE status = 'BOOKED' AND booking_id IS NULL
)
SELECT (SELECT count(*) FROM run WHERE outcome = 'LINKED'),
       (SELECT count(*) FROM run WHERE outcome = 'LEFT'),
       (SELECT count(*) FROM unlinked),
       (SELECT count(*) FROM unlinked
        WHERE NOT EXISTS (SELECT FROM run
                          WHERE progress_id = unlinked.id AND outcome = 'LEFT'))
"""

FAULTS = {
    # the old code may delete a booking, and then its step isn't booked any more
    "backfill_links": """
        SELECT progress_id AS id, format('booking %s is not this step''s', linked.booking_id)
                   AS detail
        FROM backfill_row AS linked
        LEFT JOIN booking ON booking.id = linked.booking_id
        LEFT JOIN student_course_step_progress AS step ON step.id = linked.progress_id
        WHERE backfill_run_id = :run AND outcome = 'LINKED'
          AND CASE WHEN booking.id IS NULL THEN step.booking_id = linked.booking_id
              ELSE booking.booking_type = 'COURSE_STEP'
                   AND (booking.student_package_id, booking.course_step_id)
                       IS DISTINCT FROM (linked.student_package_id, linked.course_step_id) END
        ORDER BY progress_id
    """,
    "backfill_ledger": """
        SELECT progress_id AS id, format('booking %s took %s seats', linked.booking_id,
                   coalesce(taken.seats, 0)) AS detail
        FROM backfill_row AS linked
        LEFT JOIN (SELECT booking_id, sum(change) AS seats FROM seat_ledger
                   WHERE cause = 'BACKFILL' GROUP BY booking_id) AS taken USING (booking_id)
        WHERE backfill_run_id = :run AND outcome = 'LINKED' AND taken.seats IS DISTINCT FROM 1
        ORDER BY progress_id
    """,
    "backfill_seats": """
        SELECT session.id, format('%s seats taken, %s bookings, capacity %s', seats_taken,
                   count(*) FILTER (WHERE holds_seat), capacity_max) AS detail
        FROM session JOIN booking ON booking.session_id = session.id
        WHERE session.id IN (SELECT booking.session_id FROM booking JOIN backfill_row
                             ON booking_id = booking.id WHERE backfill_run_id = :run)
        GROUP BY session.id
        HAVING seats_taken <> count(*) FILTER (WHERE holds_seat) OR seats_taken > capacity_max
        ORDER BY session.id
    """,
}
"""Each rule's name with its query, which returns `id` and `detail` of whatever breaks it."""
