"""What must be true of bookings, and of the progress rows that point at them.

Old bookings that collided already when the rules came are listed in `migration_finding`; the
rules about times pass over those.
"""

RULES = {
    "one_booking_per_step": """
        SELECT min(id) AS id, format('package %s holds step %s with bookings %s',
               student_package_id, course_step_id, string_agg(id::text, ', ' ORDER BY id))
                   AS detail
        FROM booking
        WHERE status IN ('CONFIRMED', 'ATTENDED', 'NO_SHOW') AND student_package_id IS NOT NULL
        GROUP BY student_package_id, course_step_id HAVING count(*) > 1 ORDER BY min(id)
    """,
    "one_booking_per_session": """
        SELECT min(id) AS id, format('user %s holds session %s with bookings %s',
               user_id, session_id, string_agg(id::text, ', ' ORDER BY id)) AS detail
        FROM booking
        WHERE status IN ('CONFIRMED', 'ATTENDED', 'NO_SHOW') AND id NOT IN (
              SELECT subject_id FROM migration_finding
              WHERE rule = 'no_overlap' AND subject = 'booking')
        GROUP BY user_id, session_id HAVING count(*) > 1 ORDER BY min(id)
    """,
    "no_overlap": """
        SELECT id, format('of user %s begins at %s, before another of theirs ends at %s',
                          user_id, start_at, busy_until) AS detail
        FROM (
            SELECT booking.id, user_id, start_at, max(end_at) OVER (
                PARTITION BY user_id ORDER BY start_at, booking.id
                ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS busy_until
            FROM booking JOIN session ON session.id = booking.session_id
            WHERE booking.status IN ('CONFIRMED', 'ATTENDED', 'NO_SHOW')
              AND booking.id NOT IN (
              SELECT subject_id FROM migration_finding
              WHERE rule = 'no_overlap' AND subject = 'booking')
        ) AS held
        WHERE start_at < busy_until ORDER BY id
    """,
    "booking_time": """
        SELECT booking.id, format('says %s, session %s is %s', coalesce(during::text, 'nothing'),
                                  session.id, tstzrange(start_at, end_at)) AS detail
        FROM booking JOIN session ON session.id = booking.session_id
        WHERE booking.status IN ('CONFIRMED', 'ATTENDED', 'NO_SHOW')
          AND during IS DISTINCT FROM tstzrange(start_at, end_at)
          AND NOT (during IS NULL AND booking.id IN (
              SELECT subject_id FROM migration_finding
              WHERE rule = 'no_overlap' AND subject = 'booking'))
        ORDER BY booking.id
    """,
    "booking_class": """
        SELECT booking.id, format('says class %s, session %s is of class %s',
                   booking.group_class_id, session.id, session.group_class_id) AS detail
        FROM booking LEFT JOIN session ON session.id = booking.session_id
        WHERE session.group_class_id IS DISTINCT FROM booking.group_class_id ORDER BY booking.id
    """,
    "booking_owner": """
        SELECT booking.id, format('is of user %s, its package %s of user %s',
                                  booking.user_id, package.id, package.user_id) AS detail
        FROM booking JOIN student_package AS package ON package.id = booking.student_package_id
        WHERE package.user_id <> booking.user_id ORDER BY booking.id
    """,
    "course_step_paid": """
        SELECT id, format('%s, %s, package %s, step %s', booking_type, payment_status,
                          coalesce(student_package_id::text, 'none'),
                          coalesce(course_step_id::text, 'none')) AS detail
        FROM booking
        WHERE CASE WHEN booking_type = 'COURSE_STEP'
                   THEN payment_status <> 'PAID' OR student_package_id IS NULL
                        OR course_step_id IS NULL
                   ELSE student_package_id IS NOT NULL OR course_step_id IS NOT NULL END
        ORDER BY id
    """,
    # a completed step of the old days may have no booking
    "progress_booking": """
        SELECT progress.id, format('%s with booking %s: %s', progress.status,
                   coalesce(progress.booking_id::text, 'none'),
                   coalesce(booking.status, 'not there')) AS detail
        FROM student_course_step_progress AS progress
        LEFT JOIN booking ON booking.id = progress.booking_id
            AND booking.student_package_id = progress.student_package_id
            AND booking.course_step_id = progress.course_step_id
            AND booking.group_class_id = progress.group_class_id
        WHERE NOT CASE progress.status
            WHEN 'UNBOOKED' THEN progress.booking_id IS NULL
            WHEN 'BOOKED' THEN coalesce(booking.status IN ('CONFIRMED', 'NO_SHOW'), false)
            ELSE progress.booking_id IS NULL OR coalesce(booking.status = 'ATTENDED', false) END
        ORDER BY progress.id
    """,
    "booking_progress": """
        SELECT booking.id, format('holds step %s of package %s, whose progress %s',
                   booking.course_step_id, booking.student_package_id,
                   CASE WHEN progress.id IS NULL THEN 'row is missing'
                        ELSE 'points at booking ' || coalesce(progress.booking_id::text, 'none')
                   END) AS detail
        FROM booking
        LEFT JOIN student_course_step_progress AS progress
            ON progress.student_package_id = booking.student_package_id
            AND progress.course_step_id = booking.course_step_id
        WHERE booking.booking_type = 'COURSE_STEP'
          AND booking.status IN ('CONFIRMED', 'ATTENDED', 'NO_SHOW')
          AND progress.booking_id IS DISTINCT FROM booking.id
        ORDER BY booking.id
    """,
    "progress_complete": """
        SELECT package.id, format('has no progress row for step %s', step.id) AS detail
        FROM student_package AS package
        JOIN course_cohort AS cohort ON cohort.id = package.course_cohort_id
        JOIN course_step AS step ON step.course_program_id = cohort.course_program_id
        LEFT JOIN student_course_step_progress AS progress
            ON progress.student_package_id = package.id AND progress.course_step_id = step.id
        WHERE progress.id IS NULL ORDER BY package.id, step.id
    """,
}
