"""What must be true of jobs, their queue rows, what they made, and the messages about it.

Jobs and messages are purged in time: a booking may name a job that is gone, never one that
says otherwise.
"""

RULES = {
    "job_outcome": """
        SELECT id, format('%s, decided at %s', status, coalesce(decided_at::text, 'no time'))
                   AS detail
        FROM booking_job
        WHERE NOT CASE status
            WHEN 'QUEUED' THEN decided_at IS NULL AND result IS NULL AND error IS NULL
            WHEN 'SUCCEEDED' THEN decided_at IS NOT NULL AND result IS NOT NULL
            WHEN 'WITHDRAWN' THEN decided_at IS NOT NULL
            ELSE decided_at IS NOT NULL AND error IS NOT NULL END
        ORDER BY arrival
    """,
    "queued_job_waits": """
        SELECT job.id, format('is queued, yet not in lane %s', wanted) AS detail
        FROM booking_job AS job CROSS JOIN LATERAL unnest(job.lanes) AS wanted
        LEFT JOIN job_queue AS place ON place.lane = wanted AND place.arrival = job.arrival
            AND place.job_id = job.id
        WHERE job.status = 'QUEUED' AND place.job_id IS NULL ORDER BY job.arrival, wanted
    """,
    "queued_job_has_lane": """
        SELECT id, 'is queued in no lane' AS detail
        FROM booking_job WHERE status = 'QUEUED' AND cardinality(lanes) = 0 ORDER BY arrival
    """,
    "queue_holds_queued_jobs": """
        SELECT place.job_id AS id, format('waits in lane %s, but is %s', place.lane,
                   CASE WHEN job.id IS NULL THEN 'no job'
                        WHEN job.status <> 'QUEUED' THEN job.status
                        ELSE 'not of this lane or place' END) AS detail
        FROM job_queue AS place LEFT JOIN booking_job AS job ON job.id = place.job_id
        WHERE job.id IS NULL OR job.status <> 'QUEUED' OR NOT place.lane = ANY (job.lanes)
           OR job.arrival <> place.arrival
        ORDER BY place.arrival, place.lane
    """,
    "job_makes_its_booking": """
        SELECT job.id, format('%s %s made %s bookings', job.kind, job.status,
                              coalesce(made.bookings, 0)) AS detail
        FROM booking_job AS job LEFT JOIN (
            SELECT booking_job_id, count(*) AS bookings FROM booking
            WHERE booking_job_id IS NOT NULL GROUP BY booking_job_id
        ) AS made ON made.booking_job_id = job.id
        WHERE coalesce(made.bookings, 0) <> CASE
                  WHEN job.status <> 'SUCCEEDED' THEN 0
                  WHEN job.kind IN ('BOOK_STEP', 'CHANGE_STEP', 'BOOK_SEAT') THEN 1
                  WHEN job.kind = 'BULK_BOOK' THEN jsonb_array_length(job.result -> 'bookings')
                  WHEN job.kind = 'PROMOTE' THEN jsonb_array_length(job.result -> 'promoted')
                  ELSE 0 END
          -- the old code deletes bookings, which the migration's triggers list
          AND NOT EXISTS (
              SELECT FROM migration_finding
              WHERE rule = 'job_makes_its_booking' AND detail ->> 'booking_job_id' = job.id::text)
        ORDER BY job.arrival
    """,
    "booking_is_told": """
        SELECT booking_id AS id, format('was made by job %s with %s mails and %s events',
                                        booking_job_id, sum(mails), sum(events)) AS detail
        FROM (
            -- the events are about course steps; old code may take the step away again
            SELECT booking_job_id, id AS booking_id, 1 AS bookings,
                   (booking_type = 'COURSE_STEP')::int AS owed, 0 AS mails, 0 AS events
            FROM booking WHERE booking_job_id IS NOT NULL
            UNION ALL
            SELECT booking_job_id,
                   coalesce(payload ->> 'booking_id', payload ->> 'bookingId')::bigint, 0, 0,
                   (kind = 'MAIL')::int, (kind = 'EVENT')::int
            FROM outbox_message
            WHERE topic IN ('booking_confirmed', 'booking_changed', 'waitlist_promoted',
                            'course.step.booked', 'course.step.changed', 'course.step.promoted')
              AND resend_of IS NULL -- what staff send once more was told already
        ) AS told
        GROUP BY booking_job_id, booking_id
        HAVING sum(bookings) = 1 AND (sum(mails) <> 1 OR sum(events) <> sum(owed))
           AND EXISTS (SELECT FROM booking_job AS job WHERE job.id = booking_job_id
                       AND (sum(mails) <> 1 OR sum(events) <> (job.kind <> 'BOOK_SEAT')::int))
           -- what the old code gave another number, messages know by the one of before
           AND booking_id NOT IN (
               SELECT subject_id FROM migration_finding WHERE rule = 'booking_renumbered')
        ORDER BY booking_id
    """,
    "nothing_told_unfounded": """
        SELECT message.id, format('%s %s about job %s, which is %s', message.kind,
                                  message.topic, job.id, job.status) AS detail
        FROM outbox_message AS message JOIN booking_job AS job ON job.id = message.booking_job_id
        WHERE job.status IN ('QUEUED', 'WITHDRAWN')
           OR (message.topic IN ('booking_confirmed', 'booking_changed', 'waitlist_promoted',
                                 'course.step.booked', 'course.step.changed',
                                 'course.step.promoted')
               AND job.status <> 'SUCCEEDED')
        ORDER BY message.written
    """,
    "told_in_order": """
        SELECT later.id, format('%s about step %s of package %s left before message %s',
                                kind, course_step_id, student_package_id,
                                min(waiting.id::text)) AS detail
        FROM outbox_message AS waiting JOIN outbox_message AS later USING (
            kind, student_package_id, course_step_id)
        WHERE waiting.status IN ('PENDING', 'SENDING') AND later.status = 'SENT'
          AND waiting.written < later.written
        GROUP BY later.id, later.written, kind, course_step_id, student_package_id
        ORDER BY later.written
    """,
    "event_logged": """
        SELECT message.id, format('%s was published, yet is not in the event log', topic)
                   AS detail
        FROM outbox_message AS message LEFT JOIN event_log USING (id)
        WHERE kind = 'EVENT' AND status = 'SENT' AND event_log.id IS NULL ORDER BY written
    """,
    "event_position": """
        SELECT position AS id, format('is the place of %s events', count(*)) AS detail
        FROM event_log GROUP BY position HAVING count(*) > 1 ORDER BY position
    """,
    "event_once": """
        SELECT id, format('is at %s places of the log', count(*)) AS detail
        FROM event_log GROUP BY id HAVING count(*) > 1 ORDER BY id
    """,
}
