-- A hundred bookings a transaction, each statement for all of them.
\set first (:client_id + :turn * :clients) * 100
\set last :first + 99
\set turn :turn + 1
BEGIN;
SELECT id, group_class_id, capacity_max, seats_taken FROM session
WHERE id IN (SELECT session_id FROM benchmark_job WHERE n BETWEEN :first AND :last)
ORDER BY id FOR NO KEY UPDATE;
SELECT id FROM booking_job
WHERE id IN (SELECT job_id FROM benchmark_job WHERE n BETWEEN :first AND :last)
  AND status = 'QUEUED'
ORDER BY id FOR NO KEY UPDATE;
SELECT id FROM user_account
WHERE id IN (SELECT user_id FROM benchmark_job WHERE n BETWEEN :first AND :last)
ORDER BY id FOR NO KEY UPDATE;
SELECT progress.id, package.status
FROM benchmark_job AS job
JOIN student_course_step_progress AS progress
    ON progress.student_package_id = job.package_id AND progress.course_step_id = job.step_id
JOIN student_package AS package ON package.id = progress.student_package_id
WHERE n BETWEEN :first AND :last;
SELECT job.n, booking.id
FROM benchmark_job AS job
JOIN session ON session.id = job.session_id
JOIN booking ON booking.user_id = job.user_id AND booking.holds_seat
    AND booking.during && tstzrange(session.start_at, session.end_at)
WHERE n BETWEEN :first AND :last;
WITH booked AS (
    INSERT INTO booking (user_id, session_id, group_class_id, booking_type, payment_status,
                         course_step_id, student_package_id, booking_job_id, during)
    SELECT user_id, session.id, group_class_id, 'COURSE_STEP', 'PAID', step_id, package_id,
           job_id, tstzrange(start_at, end_at)
    FROM benchmark_job JOIN session ON session.id = session_id
    WHERE n BETWEEN :first AND :last AND seats_taken < capacity_max
    RETURNING *
), ledger AS (
    INSERT INTO seat_ledger (session_id, booking_id, change, cause, actor_id, booking_job_id)
    SELECT session_id, id, 1, 'BOOKED', user_id, booking_job_id FROM booked
), told AS (
    INSERT INTO outbox_message (id, kind, topic, user_id, student_package_id, course_step_id,
                                booking_job_id, payload)
    SELECT uuidv7(), kind, topic, user_id, student_package_id, course_step_id, booking_job_id,
           payload
    FROM booked, LATERAL (VALUES
        ('MAIL', 'booking_confirmed', jsonb_build_object('booking_id', id)),
        ('EVENT', 'course.step.booked',
         jsonb_build_object('studentId', user_id, 'packageId', student_package_id,
                            'stepId', course_step_id, 'bookingId', id,
                            'sessionId', session_id))) AS message (kind, topic, payload)
), stepped AS (
    UPDATE student_course_step_progress AS progress
    SET status = 'BOOKED', booking_id = booked.id, group_class_id = booked.group_class_id,
        booked_at = now()
    FROM booked
    WHERE progress.student_package_id = booked.student_package_id
      AND progress.course_step_id = booked.course_step_id
), seated AS (
    UPDATE session SET seats_taken = seats_taken + taken.seats
    FROM (SELECT session_id, count(*) AS seats FROM booked GROUP BY session_id) AS taken
    WHERE session.id = taken.session_id
), finished AS (
    UPDATE booking_job
    SET status = 'SUCCEEDED', decided_at = clock_timestamp(), attempts = 1,
        result = jsonb_build_object('booking_id', booked.id)
    FROM booked WHERE booking_job.id = booked.booking_job_id
)
DELETE FROM job_queue USING benchmark_job AS job
WHERE job.n BETWEEN :first AND :last
  AND job_queue.lane = job.lane AND job_queue.priority = 1 AND job_queue.arrival = job.arrival;
COMMIT;
