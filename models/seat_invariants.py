"""What must be true of sessions, their seats, and the pins that lead to them."""

RULES = {
    "seats_counted": """
        SELECT session.id, format('seats_taken is %s, bookings hold %s',
                                  seats_taken, coalesce(held.seats, 0)) AS detail
        FROM session LEFT JOIN (
            SELECT session_id, count(*) AS seats FROM booking
            WHERE status IN ('CONFIRMED', 'ATTENDED', 'NO_SHOW') GROUP BY session_id
        ) AS held ON held.session_id = session.id
        WHERE seats_taken <> coalesce(held.seats, 0) ORDER BY session.id
    """,
    "seats_ledgered": """
        SELECT session.id, format('seats_taken is %s, the ledger says %s',
                                  seats_taken, coalesce(ledger.seats, 0)) AS detail
        FROM session LEFT JOIN (
            SELECT session_id, sum(change) AS seats FROM seat_ledger GROUP BY session_id
        ) AS ledger ON ledger.session_id = session.id
        WHERE seats_taken <> coalesce(ledger.seats, 0) ORDER BY session.id
    """,
    # what was there before the jobs came was counted session by session
    "booking_ledgered": """
        SELECT booking_id AS id, format('holds %s seats, the ledger says %s', sum(held),
                                        sum(change)) AS detail
        FROM (
            SELECT id AS booking_id, 1 AS bookings, holds_seat::int AS held, 0 AS change
            FROM booking WHERE booking_job_id IS NOT NULL
            UNION ALL
            SELECT booking_id, 0, 0, change FROM seat_ledger WHERE booking_id IS NOT NULL
        ) AS counted
        GROUP BY booking_id HAVING sum(bookings) = 1 AND sum(held) <> sum(change)
           -- what the old code gave another number, the ledger knows by the one of before
           AND booking_id NOT IN (
               SELECT subject_id FROM migration_finding WHERE rule = 'booking_renumbered')
        ORDER BY booking_id
    """,
    "seats_within_capacity": """
        SELECT id, format('%s seats taken of %s', seats_taken, capacity_max) AS detail
        FROM session WHERE seats_taken < 0 OR seats_taken > capacity_max ORDER BY id
    """,
    "session_time": """
        SELECT id, format('ends at %s, starts at %s', end_at, start_at) AS detail
        FROM session WHERE end_at <= start_at ORDER BY id
    """,
    "pin_fits": """
        SELECT pin.course_cohort_id || '/' || pin.course_step_option_id AS id,
               format('cohort of program %s pins session %s of class %s to an option of'
                      ' program %s and class %s', cohort.course_program_id, session.id,
                      session.group_class_id, step.course_program_id, option.group_class_id)
                   AS detail
        FROM course_cohort_session AS pin
        JOIN course_cohort AS cohort ON cohort.id = pin.course_cohort_id
        JOIN course_step_option AS option ON option.id = pin.course_step_option_id
        JOIN course_step AS step ON step.id = option.course_step_id
        JOIN session ON session.id = pin.session_id
        WHERE session.group_class_id <> option.group_class_id
           OR step.course_program_id <> cohort.course_program_id
        ORDER BY pin.course_cohort_id, pin.course_step_option_id
    """,
}
