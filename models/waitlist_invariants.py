"""What must be true of those who wait, and of those who were promoted."""

RULES = {
    "waiting_for_option": """
        SELECT entry.id, format('waits for step %s in class %s, its option %s is of step %s and'
                   ' class %s', entry.course_step_id, entry.group_class_id, option.id,
                   option.course_step_id, option.group_class_id) AS detail
        FROM waitlist_entry AS entry
        JOIN course_step_option AS option ON option.id = entry.course_step_option_id
        WHERE entry.status = 'WAITING'
          AND (option.course_step_id <> entry.course_step_id
               OR option.group_class_id <> entry.group_class_id)
        ORDER BY entry.id
    """,
    "waiting_once": """
        SELECT min(id) AS id, format('package %s waits for step %s with entries %s',
                   student_package_id, course_step_id, string_agg(id::text, ', ' ORDER BY id))
                   AS detail
        FROM waitlist_entry WHERE status = 'WAITING'
        GROUP BY student_package_id, course_step_id, course_step_option_id, session_id
        HAVING count(*) > 1 ORDER BY min(id)
    """,
    # the old code deletes bookings and takes their steps away
    "promoted_is_booked": """
        SELECT entry.id, format('was promoted with booking %s, which is of package %s and step %s',
                   booking.id, booking.student_package_id, booking.course_step_id) AS detail
        FROM waitlist_entry AS entry JOIN booking ON booking.id = entry.booking_id
        WHERE entry.status <> 'PROMOTED' OR booking.student_package_id <> entry.student_package_id
           OR booking.course_step_id <> entry.course_step_id
        ORDER BY entry.id
    """,
    "open_promotion_once": """
        SELECT min(id::text) AS id,
               format('session %s has %s open promotions', session_id, count(*)) AS detail
        FROM booking_job WHERE kind = 'PROMOTE' AND status = 'QUEUED'
        GROUP BY session_id HAVING count(*) > 1 ORDER BY min(id::text)
    """,
}
