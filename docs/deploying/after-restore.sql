-- Once after an older backup was restored: what was given out since must not be given to others.
BEGIN;
-- ids of bookings, which mails, events and other systems may know already
SELECT setval('booking_id_seq', nextval('booking_id_seq') + 100000);
-- what students' calendars have of a step since then would win over what we send now
UPDATE student_course_step_progress SET calendar_sequence = coalesce(calendar_sequence, 0) + 1000;
UPDATE booking SET calendar_sequence = calendar_sequence + 1000 WHERE holds_seat;
COMMIT;
-- whoever follows the event log goes back to this cursor: those behind it are given anew
SELECT coalesce(max(position), 0) AS last_cursor FROM event_log;
