"""What the revisions change in rows that break a rule, and how a downgrade takes it back.

Each change is listed in `migration_finding` with the value that was there. A downgrade puts that
value back where the one that replaced it still stands, and leaves alone what somebody has
written since.
"""

MEND_SESSION_TIMES = """
INSERT INTO migration_finding (revision, rule, subject, subject_id, detail)
    SELECT '0003', 'start_before_end', 'session', id,
           jsonb_build_object('start_at', start_at, 'end_at', end_at,
                              'done', 'end_at set one second after start_at')
    FROM session WHERE end_at <= start_at;
UPDATE session SET end_at = start_at + interval '1 second' WHERE end_at <= start_at;
"""

RAISE_CAPACITIES = """
INSERT INTO migration_finding (revision, rule, subject, subject_id, detail)
    SELECT '0003', 'seats_within_capacity', 'session', id,
           jsonb_build_object('capacity_max', capacity_max, 'seats_taken', seats_taken,
                              'done', 'capacity_max raised to seats_taken')
    FROM session WHERE seats_taken > capacity_max;
INSERT INTO audit_entry (action, subject, subject_id, reason, detail)
    SELECT 'session.capacity_raised', 'session', id, 'oversold before seats were counted',
           jsonb_build_object('from', capacity_max, 'to', seats_taken)
    FROM session WHERE seats_taken > capacity_max;
UPDATE session SET capacity_max = seats_taken WHERE seats_taken > capacity_max;
"""

UNCOVER_COLLISIONS = """
CREATE TEMPORARY TABLE colliding ON COMMIT DROP AS
    SELECT DISTINCT ON (later.id) later.id, earlier.id AS earlier_id
    FROM booking AS later
    JOIN booking AS earlier ON earlier.user_id = later.user_id AND earlier.id < later.id
        AND earlier.during && later.during
    WHERE later.status <> 'CANCELLED' AND earlier.status <> 'CANCELLED'
    ORDER BY later.id, earlier.id;
INSERT INTO migration_finding (revision, rule, subject, subject_id, detail)
    SELECT '0003', 'no_overlap', 'booking', id,
           jsonb_build_object('collides_with_booking', earlier_id,
                              'done', 'kept, uncovered by the overlap constraints')
    FROM colliding;
UPDATE booking SET during = NULL FROM colliding WHERE colliding.id = booking.id;
"""

# after a downgrade to 0002 the old code may have parted what the new code had linked
PART_BROKEN_LINKS = """
CREATE TEMPORARY TABLE unlinked ON COMMIT DROP AS
    SELECT progress.id, booking_id FROM student_course_step_progress AS progress
    WHERE booking_id IS NOT NULL AND (progress.status = 'UNBOOKED' OR NOT EXISTS (
        SELECT FROM booking JOIN student_package AS package
            ON package.id = booking.student_package_id AND package.user_id = booking.user_id
        WHERE booking.id = progress.booking_id AND booking.status <> 'CANCELLED'
          AND booking.student_package_id = progress.student_package_id
          AND booking.course_step_id = progress.course_step_id
          AND booking.group_class_id = progress.group_class_id
          AND (booking.status = 'ATTENDED') = (progress.status = 'COMPLETED')));
INSERT INTO migration_finding (revision, rule, subject, subject_id, detail)
    SELECT '0003', 'progress_booking', 'student_course_step_progress', id,
           jsonb_build_object('booking_id', booking_id, 'done', 'booking_id set to null')
    FROM unlinked;
UPDATE student_course_step_progress AS progress SET booking_id = NULL
    FROM unlinked WHERE unlinked.id = progress.id;

CREATE TEMPORARY TABLE parted ON COMMIT DROP AS
    SELECT id, student_package_id, course_step_id FROM booking
    WHERE booking_type = 'COURSE_STEP' AND (
        NOT EXISTS (SELECT FROM student_package AS package
                    WHERE package.id = booking.student_package_id
                      AND package.user_id = booking.user_id)
        OR NOT EXISTS (SELECT FROM student_course_step_progress AS progress
                       WHERE progress.student_package_id = booking.student_package_id
                         AND progress.course_step_id = booking.course_step_id
                         AND (booking.status = 'CANCELLED' OR progress.booking_id = booking.id)));
INSERT INTO migration_finding (revision, rule, subject, subject_id, detail)
    SELECT '0003', 'booking_progress', 'booking', id,
           jsonb_build_object('student_package_id', student_package_id,
                              'course_step_id', course_step_id,
                              'why', 'no progress row points at it',
                              'done', 'kept, without package and step')
    FROM parted;
UPDATE booking SET booking_type = 'DROP_IN', student_package_id = NULL, course_step_id = NULL
    FROM parted WHERE parted.id = booking.id;

INSERT INTO migration_finding (revision, rule, subject, subject_id, detail)
    SELECT '0003', 'course_step_paid', 'booking', id,
           jsonb_build_object('payment_status', payment_status,
                              'done', 'kept PAID: the package pays')
    FROM booking WHERE booking_type = 'COURSE_STEP' AND payment_status <> 'PAID';
UPDATE booking SET payment_status = 'PAID'
    WHERE booking_type = 'COURSE_STEP' AND payment_status <> 'PAID';
"""

GIVE_BACK_WHAT_0003_CHANGED = """
-- the newest first: each value stood in place of the one before
DO $$ DECLARE finding migration_finding; BEGIN
    FOR finding IN SELECT * FROM migration_finding
        WHERE rule = 'seats_within_capacity' ORDER BY id DESC
    LOOP
        UPDATE session SET capacity_max = (finding.detail ->> 'capacity_max')::bigint
            WHERE id = finding.subject_id
              AND capacity_max = (finding.detail ->> 'seats_taken')::bigint;
    END LOOP;
END $$;

UPDATE session SET end_at = (finding.detail ->> 'end_at')::timestamptz
    FROM (SELECT DISTINCT ON (subject_id) subject_id, detail FROM migration_finding
          WHERE rule = 'start_before_end' ORDER BY subject_id, id DESC) AS finding
    WHERE session.id = finding.subject_id AND end_at = start_at + interval '1 second';

UPDATE booking SET payment_status = finding.detail ->> 'payment_status'
    FROM migration_finding AS finding
    WHERE finding.rule = 'course_step_paid' AND finding.subject_id = booking.id;
"""

MEND_CLASSES = """
INSERT INTO migration_finding (revision, rule, subject, subject_id, detail)
    SELECT '0004', 'capacity_max', 'group_class', id,
           jsonb_build_object('capacity_max', capacity_max, 'done', 'capacity_max set to 0')
    FROM group_class WHERE capacity_max < 0;
UPDATE group_class SET capacity_max = 0 WHERE capacity_max < 0;
"""

FORGET_UNKNOWN_CLASSES = """
CREATE TEMPORARY TABLE unknown_class ON COMMIT DROP AS
    SELECT id, group_class_id FROM student_course_step_progress AS progress
    WHERE group_class_id IS NOT NULL
      AND NOT EXISTS (SELECT FROM group_class WHERE group_class.id = progress.group_class_id);
INSERT INTO migration_finding (revision, rule, subject, subject_id, detail)
    SELECT '0004', 'group_class_known', 'student_course_step_progress', id,
           jsonb_build_object('group_class_id', group_class_id, 'done', 'set to null')
    FROM unknown_class;
UPDATE student_course_step_progress AS progress SET group_class_id = NULL
    FROM unknown_class WHERE unknown_class.id = progress.id;
"""

GIVE_BACK_WHAT_0004_CHANGED = """
UPDATE group_class SET capacity_max = (finding.detail ->> 'capacity_max')::bigint
    FROM migration_finding AS finding
    WHERE finding.revision = '0004' AND finding.rule = 'capacity_max'
      AND finding.subject_id = group_class.id AND group_class.capacity_max = 0;
UPDATE student_course_step_progress AS progress
    SET group_class_id = (finding.detail ->> 'group_class_id')::bigint
    FROM migration_finding AS finding
    WHERE finding.revision = '0004' AND finding.rule = 'group_class_known'
      AND finding.subject_id = progress.id AND progress.group_class_id IS NULL;
DELETE FROM migration_finding WHERE revision = '0004';
"""
