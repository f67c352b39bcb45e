-- One booking a transaction, as somebody would write it by hand against this schema.
-- Each client takes every :clients-th job, so that no two take the same.
\set n :client_id + :turn * :clients
\set turn :turn + 1
BEGIN;
SELECT job_id, lane, arrival, user_id, package_id, step_id, session_id
FROM benchmark_job WHERE n = :n \gset
SELECT group_class_id, capacity_max, seats_taken
FROM session WHERE id = :session_id FOR NO KEY UPDATE \gset
SELECT id FROM booking_job WHERE id = :job_id AND status = 'QUEUED' FOR NO KEY UPDATE;
SELECT id FROM user_account WHERE id = :user_id FOR NO KEY UPDATE;
SELECT progress.id AS progress_id
FROM student_course_step_progress AS progress
JOIN student_package AS package ON package.id = progress.student_package_id
WHERE progress.student_package_id = :package_id AND progress.course_step_id = :step_id
  AND progress.status = 'UNBOOKED' AND package.status = 'ACTIVE' \gset
SELECT count(*) FROM booking JOIN session ON session.id = :session_id
WHERE booking.user_id = :user_id AND booking.holds_seat
  AND booking.during && tstzrange(session.start_at, session.end_at);
INSERT INTO booking (user_id, session_id, group_class_id, booking_type, payment_status,
                     course_step_id, student_package_id, booking_job_id, during)
SELECT :user_id, id, group_class_id, 'COURSE_STEP', 'PAID', :step_id, :package_id, :job_id,
       tstzrange(start_at, end_at)
FROM session WHERE id = :session_id AND seats_taken < capacity_max
RETURNING id AS booking_id \gset
UPDATE student_course_step_progress
SET status = 'BOOKED', booking_id = :booking_id, group_class_id = :group_class_id,
    booked_at = now()
WHERE id = :progress_id;
UPDATE session SET seats_taken = seats_taken + 1 WHERE id = :session_id;
INSERT INTO seat_ledger (session_id, booking_id, change, cause, actor_id, booking_job_id)
VALUES (:session_id, :booking_id, 1, 'BOOKED', :user_id, :job_id);
INSERT INTO outbox_message (id, kind, topic, user_id, student_package_id, course_step_id,
                            booking_job_id, payload)
VALUES (uuidv7(), 'MAIL', 'booking_confirmed', :user_id, :package_id, :step_id, :job_id,
        jsonb_build_object('booking_id', :booking_id::bigint)),
       (uuidv7(), 'EVENT', 'course.step.booked', :user_id, :package_id, :step_id, :job_id,
        jsonb_build_object('studentId', :user_id::bigint, 'packageId', :package_id::bigint,
                           'stepId', :step_id::bigint, 'bookingId', :booking_id::bigint,
                           'sessionId', :session_id::bigint));
UPDATE booking_job
SET status = 'SUCCEEDED', decided_at = clock_timestamp(), attempts = 1,
    result = jsonb_build_object('booking_id', :booking_id::bigint)
WHERE id = :job_id;
DELETE FROM job_queue WHERE lane = :lane AND priority = 1 AND arrival = :arrival;
COMMIT;
