"""Triggers on what the old code writes to `booking`."""

HELPERS = (
    "class_of_session",
    "time_of_session",
    "time_if_free",
    "take_seat_for_old_code",
    "free_seat_for_old_code",
    "note_left_package",
    "unbook_step_of",
)
TRIGGERS = (
    "complete_old_booking",
    "recount_old_booking",
    "separate_from_step",
    "free_deleted_booking",
    "keep_course_step_paid",
    "lead_progress",
    "attend_with_booking",
)

_SEATS = """
CREATE FUNCTION class_of_session(wanted_id bigint) RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
    -- no class has this number: an unknown session is for its foreign key to refuse
    RETURN coalesce((SELECT group_class_id FROM session WHERE id = wanted_id), 0);
END $$;

CREATE FUNCTION time_of_session(wanted_id bigint) RETURNS tstzrange LANGUAGE plpgsql AS $$
BEGIN
    RETURN (SELECT tstzrange(start_at, end_at) FROM session WHERE id = wanted_id);
END $$;

CREATE FUNCTION time_if_free(booker bigint, own_id bigint, wanted_id bigint)
    RETURNS tstzrange LANGUAGE plpgsql AS $$
DECLARE
    wanted CONSTANT tstzrange := time_of_session(wanted_id);
    earlier_id bigint;
BEGIN
    -- whoever books for the same person at this moment is waited for, and seen
    PERFORM FROM user_account WHERE id = booker FOR NO KEY UPDATE;
    SELECT id INTO earlier_id FROM booking
        WHERE user_id = booker AND id <> own_id AND holds_seat
          -- one of a session that was just moved may still have the time from before
          AND (during && wanted OR (during IS NOT NULL AND session_id = wanted_id)) LIMIT 1;
    IF NOT FOUND THEN
        RETURN wanted;
    END IF;
    INSERT INTO migration_finding (revision, rule, subject, subject_id, detail)
        VALUES ('0003', 'no_overlap', 'booking', own_id,
                jsonb_build_object('collides_with_booking', earlier_id,
                                   'done', 'kept, uncovered by the overlap constraints'));
    RETURN NULL;
END $$;

CREATE FUNCTION take_seat_for_old_code(taken_id bigint, taker_id bigint, actor bigint)
    RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    taken session;
BEGIN
    SELECT * INTO taken FROM session WHERE id = taken_id FOR NO KEY UPDATE;
    IF taken.seats_taken >= taken.capacity_max THEN
        PERFORM raise_capacity_for_old_code(taken_id, taken.capacity_max, taken.seats_taken + 1,
                                            'oversold by the old code');
    END IF;
    UPDATE session SET seats_taken = seats_taken + 1,
            capacity_max = greatest(capacity_max, seats_taken + 1)
        WHERE id = taken_id;
    INSERT INTO seat_ledger (session_id, booking_id, change, cause, actor_id)
        VALUES (taken_id, taker_id, 1, 'booked by the old code', actor);
END $$;

CREATE FUNCTION free_seat_for_old_code(freed_id bigint, holder_id bigint)
    RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    UPDATE session SET seats_taken = seats_taken - 1 WHERE id = freed_id;
    INSERT INTO seat_ledger (session_id, booking_id, change, cause)
        VALUES (freed_id, holder_id, -1, 'freed by the old code');
END $$;
"""

_STEPS = """
CREATE FUNCTION unbook_step_of(lost_id bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    UPDATE student_course_step_progress
        SET status = 'UNBOOKED', booking_id = NULL, group_class_id = NULL, booked_at = NULL
        WHERE booking_id = lost_id;
END $$;

CREATE FUNCTION note_left_package(kept_id bigint, package_id bigint, step_id bigint, why text)
    RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO migration_finding (revision, rule, subject, subject_id, detail)
        VALUES ('0003', 'booking_progress', 'booking', kept_id,
                jsonb_build_object('student_package_id', package_id, 'course_step_id', step_id,
                                   'why', why, 'done', 'kept, without package and step'));
END $$;
"""

_ROWS = """
CREATE FUNCTION complete_old_booking() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM session WHERE id = NEW.session_id FOR NO KEY UPDATE;
    NEW.group_class_id := class_of_session(NEW.session_id);
    NEW.during := time_of_session(NEW.session_id);
    -- an upsert that meets its row inserts nothing, and takes nothing
    IF NEW.status <> 'CANCELLED' AND NOT EXISTS (SELECT FROM booking WHERE id = NEW.id) THEN
        PERFORM take_seat_for_old_code(NEW.session_id, NEW.id, NEW.created_by);
        NEW.during := time_if_free(NEW.user_id, NEW.id, NEW.session_id);
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER complete_old_booking BEFORE INSERT ON booking
    FOR EACH ROW WHEN (NEW.group_class_id IS NULL) EXECUTE FUNCTION complete_old_booking();

CREATE FUNCTION recount_old_booking() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    moves CONSTANT boolean := NEW.session_id <> OLD.session_id;
    held CONSTANT boolean := OLD.status <> 'CANCELLED';
    holds CONSTANT boolean := NEW.status <> 'CANCELLED';
BEGIN
    PERFORM FROM session WHERE id IN (OLD.session_id, NEW.session_id)
        ORDER BY id FOR NO KEY UPDATE;
    IF held AND (moves OR NOT holds) THEN
        PERFORM free_seat_for_old_code(OLD.session_id, OLD.id);
    END IF;
    IF holds AND (moves OR NOT held) THEN
        PERFORM take_seat_for_old_code(NEW.session_id, NEW.id, NULL);
    END IF;
    NEW.group_class_id := class_of_session(NEW.session_id);
    NEW.during := time_of_session(NEW.session_id);

    IF holds THEN
        NEW.during := time_if_free(NEW.user_id, OLD.id, NEW.session_id);
        NEW.cancelled_at := NULL;
        NEW.cancelled_by := NULL;
        NEW.cancel_reason := NULL;
    ELSIF held THEN
        NEW.cancelled_at := now();
        NEW.cancel_reason := 'cancelled by the old code';
        PERFORM unbook_step_of(OLD.id);
    END IF;
    RETURN NEW;
END $$;
-- the new code cancels with a time, and never revives, moves, deletes or gives away a booking
CREATE TRIGGER recount_old_booking BEFORE UPDATE ON booking FOR EACH ROW
    WHEN (OLD.session_id <> NEW.session_id OR OLD.user_id <> NEW.user_id
          OR (OLD.status = 'CANCELLED' AND NEW.status <> 'CANCELLED')
          OR (OLD.status <> 'CANCELLED' AND NEW.status = 'CANCELLED' AND NEW.cancelled_at IS NULL))
    EXECUTE FUNCTION recount_old_booking();

CREATE FUNCTION separate_from_step() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    revives CONSTANT boolean := OLD.status = 'CANCELLED' AND NEW.status <> 'CANCELLED';
BEGIN
    IF EXISTS (SELECT FROM student_package
               WHERE id = NEW.student_package_id AND user_id = NEW.user_id)
        AND (NOT revives OR EXISTS (
            SELECT FROM student_course_step_progress
            WHERE student_package_id = NEW.student_package_id
              AND course_step_id = NEW.course_step_id AND status = 'UNBOOKED'))
    THEN
        RETURN NEW;
    END IF;
    PERFORM unbook_step_of(OLD.id);
    PERFORM note_left_package(OLD.id, NEW.student_package_id, NEW.course_step_id,
        'given to another person, or confirmed again while its step is booked otherwise');
    NEW.booking_type := 'DROP_IN';
    NEW.student_package_id := NULL;
    NEW.course_step_id := NULL;
    RETURN NEW;
END $$;
-- by its name after recount_old_booking, which waits for whoever books for the same person
CREATE TRIGGER separate_from_step BEFORE UPDATE ON booking FOR EACH ROW
    WHEN (NEW.booking_type = 'COURSE_STEP'
          AND (OLD.user_id <> NEW.user_id
               OR (OLD.status = 'CANCELLED' AND NEW.status <> 'CANCELLED')))
    EXECUTE FUNCTION separate_from_step();

CREATE FUNCTION free_deleted_booking() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.status <> 'CANCELLED' THEN
        PERFORM free_seat_for_old_code(OLD.session_id, OLD.id);
        PERFORM unbook_step_of(OLD.id);
    END IF;
    IF OLD.booking_job_id IS NOT NULL THEN
        INSERT INTO migration_finding (revision, rule, subject, subject_id, detail)
            VALUES ('0003', 'job_makes_its_booking', 'booking', OLD.id,
                    to_jsonb(OLD) || '{"done": "deleted by the old code"}');
    END IF;
    RETURN OLD;
END $$;
CREATE TRIGGER free_deleted_booking BEFORE DELETE ON booking FOR EACH ROW
    WHEN (OLD.status <> 'CANCELLED' OR OLD.booking_job_id IS NOT NULL)
    EXECUTE FUNCTION free_deleted_booking();

CREATE FUNCTION keep_course_step_paid() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO migration_finding (revision, rule, subject, subject_id, detail)
        VALUES ('0003', 'course_step_paid', 'booking', NEW.id,
                jsonb_build_object('payment_status', NEW.payment_status,
                                   'done', 'kept PAID: the package pays'));
    NEW.payment_status := 'PAID';
    RETURN NEW;
END $$;
CREATE TRIGGER keep_course_step_paid BEFORE UPDATE ON booking FOR EACH ROW
    WHEN (OLD.booking_type = 'COURSE_STEP' AND OLD.payment_status = 'PAID'
          AND NEW.payment_status = 'UNPAID')
    EXECUTE FUNCTION keep_course_step_paid();
"""

_LEADING = """
CREATE FUNCTION lead_progress() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE student_course_step_progress
        SET booking_id = NEW.id, group_class_id = NEW.group_class_id,
            status = CASE NEW.status WHEN 'ATTENDED' THEN 'COMPLETED' ELSE 'BOOKED' END,
            booked_at = coalesce(booked_at, now())
        WHERE booking_id = OLD.id
           OR (OLD.status = 'CANCELLED' AND student_package_id = NEW.student_package_id
               AND course_step_id = NEW.course_step_id);
    RETURN NULL;
END $$;
CREATE TRIGGER lead_progress AFTER UPDATE ON booking FOR EACH ROW
    WHEN (NEW.holds_seat AND (NOT OLD.holds_seat OR OLD.group_class_id <> NEW.group_class_id
                              OR OLD.id <> NEW.id))
    EXECUTE FUNCTION lead_progress();

CREATE FUNCTION attend_with_booking() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE student_course_step_progress AS progress
        SET status = CASE booking.status WHEN 'ATTENDED' THEN 'COMPLETED' ELSE 'BOOKED' END
        FROM booking
        WHERE booking.id = NEW.id AND progress.booking_id = booking.id
          AND (progress.status = 'COMPLETED') <> (booking.status = 'ATTENDED');
    RETURN NULL;
END $$;
-- at the commit, when the new code, which writes both, has left nothing to do
CREATE CONSTRAINT TRIGGER attend_with_booking AFTER UPDATE ON booking
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.status <> NEW.status AND OLD.holds_seat AND NEW.holds_seat)
    EXECUTE FUNCTION attend_with_booking();
"""

FOLLOW = _SEATS + _STEPS + _ROWS + _LEADING
