"""Triggers on what the old code writes to `student_course_step_progress`."""

HELPERS = ("cancel_for_old_code",)
TRIGGERS = ("unlink_old_progress", "leave_bookings_of_step", "attend_with_progress")

FOLLOW = """
CREATE FUNCTION cancel_for_old_code(lost_id bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    freed_id bigint;
BEGIN
    UPDATE booking SET status = 'CANCELLED', cancelled_at = now(),
            cancel_reason = 'unbooked by the old code'
        WHERE id = lost_id AND holds_seat RETURNING session_id INTO freed_id;
    IF FOUND THEN
        PERFORM free_seat_for_old_code(freed_id, lost_id);
    END IF;
END $$;

CREATE FUNCTION unlink_old_progress() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.status = 'UNBOOKED' OR NOT EXISTS (
        SELECT FROM booking
        WHERE id = NEW.booking_id AND group_class_id = NEW.group_class_id AND holds_seat)
    THEN
        PERFORM cancel_for_old_code(OLD.booking_id);
        NEW.booking_id := NULL;
    END IF;
    RETURN NEW;
END $$;
-- by its name after keep_group_class, which gives the row the class that the old code wrote
CREATE TRIGGER unlink_old_progress BEFORE UPDATE ON student_course_step_progress
    FOR EACH ROW WHEN (NEW.booking_id = OLD.booking_id) EXECUTE FUNCTION unlink_old_progress();

CREATE FUNCTION leave_bookings_of_step() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    left_id bigint;
BEGIN
    FOR left_id IN SELECT id FROM booking
        WHERE student_package_id = OLD.student_package_id AND course_step_id = OLD.course_step_id
    LOOP
        PERFORM cancel_for_old_code(left_id);
        PERFORM note_left_package(left_id, OLD.student_package_id, OLD.course_step_id,
                                  'its step was taken out of the package');
        UPDATE booking
            SET booking_type = 'DROP_IN', student_package_id = NULL, course_step_id = NULL
            WHERE id = left_id;
    END LOOP;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    NEW.booking_id := NULL;
    RETURN NEW;
END $$;
CREATE TRIGGER leave_bookings_of_step BEFORE UPDATE ON student_course_step_progress
    FOR EACH ROW WHEN (OLD.student_package_id <> NEW.student_package_id
                       OR OLD.course_step_id <> NEW.course_step_id)
    EXECUTE FUNCTION leave_bookings_of_step();
CREATE TRIGGER leave_bookings_of_deleted_step BEFORE DELETE ON student_course_step_progress
    FOR EACH ROW EXECUTE FUNCTION leave_bookings_of_step();

CREATE FUNCTION attend_with_progress() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE booking
        SET status = CASE progress.status WHEN 'COMPLETED' THEN 'ATTENDED' ELSE 'CONFIRMED' END
        FROM student_course_step_progress AS progress
        WHERE progress.id = NEW.id AND booking.id = progress.booking_id
          AND (progress.status = 'COMPLETED') <> (booking.status = 'ATTENDED');
    RETURN NULL;
END $$;
-- at the commit, when the new code, which writes both, has left nothing to do
CREATE CONSTRAINT TRIGGER attend_with_progress AFTER UPDATE ON student_course_step_progress
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (NEW.booking_id IS NOT NULL AND OLD.status <> NEW.status)
    EXECUTE FUNCTION attend_with_progress();
"""
